# All that a new user types is `make up` or `make test`: each does its own set-up.

BIN := .venv/bin
SECONDS := 300

.DEFAULT_GOAL := help
.PHONY: help setup up test drill mutate lint build docs docs-site bench bench-check bench-console bench-logs fuzz soak soak-console torture-logs screenshots lock clean

help: ## Print what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

setup: ## Make .venv and .tools; quick when they are there (PYTHON=... names the Python to make it with)
	@scripts/setup

up: setup ## Run the whole stack on this machine until Ctrl-C
	@exec $(BIN)/tocsin up

test: lint ## Run every check and every test
	@scripts/browser
	@$(BIN)/python -m pytest -n 2 --dist loadfile

drill: setup ## Break the services for every alert, and follow each until it is resolved (about four minutes)
	@$(BIN)/tocsin drill --speed 60

mutate: setup ## Break every rule and route on purpose: do the proofs notice? (half an hour)
	@$(BIN)/tocsin prove --mutate

lint: setup ## Check style, types and the arrows between the rooms
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports

build: setup ## Write monitoring/ from the catalog
	@$(BIN)/tocsin build

docs: setup ## Write docs/checks/ and docs/commands.md from what checks and verbs say of themselves, and the README's picture of a proof
	@$(BIN)/python scripts/docs
	@$(BIN)/tocsin prove voice-commerce --picture docs/pictures/proof.svg

docs-site: setup ## Write site/, the pages of docs/ as a site that fetches nothing from elsewhere
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: setup ## Measure the SDK beside its peers, into benchmarks/RESULTS.md (needs wrk)
	@scripts/setup-beside .venv-bench benchmarks/requirements.lock
	@PYTHONPATH=src .venv-bench/bin/python benchmarks/run.py

bench-check: setup ## Measure how long the checks take
	@PYTHONPATH=src:. $(BIN)/python benchmarks/check.py

bench-console: setup ## Measure what the console costs, into benchmarks/RESULTS.md (needs Chromium)
	@PYTHONPATH=src:. $(BIN)/python benchmarks/console.py

bench-logs: setup ## Measure the store of logs beside its peers, into benchmarks/RESULTS.md
	@scripts/setup-beside .venv-bench benchmarks/requirements.lock
	@PYTHONPATH=src .venv-bench/bin/python benchmarks/logs.py

soak: setup ## Load a service while its surroundings fail, for SECONDS (needs wrk)
	@scripts/setup-beside .venv-bench benchmarks/requirements.lock
	@PYTHONPATH=src .venv-bench/bin/python benchmarks/soak.py --seconds $(SECONDS)

soak-console: setup ## Keep ten tabs open for half an hour, and watch the console's memory (needs Chromium)
	@PYTHONPATH=src:. $(BIN)/python benchmarks/console.py --soak 1800

fuzz: setup ## Look for a text that breaks the reading of files, for SECONDS
	@scripts/setup-beside .venv-fuzz fuzz/requirements.lock
	@PYTHONPATH=src .venv-fuzz/bin/python fuzz/run.py --seconds $(SECONDS)

screenshots: setup ## Make the pictures of the README and the docs, in a quarter of an hour (needs Chromium)
	@$(BIN)/tocsin prove
	@$(BIN)/python scripts/screenshots

torture-logs: setup ## Kill the shipper of logs a thousand times
	@PYTHONPATH=src:. $(BIN)/python tests/logs/torture.py --kills 1000

lock: setup ## Lock what pyproject.toml asks for, keeping what is locked (UPGRADE=--upgrade takes the newest), and install it
	@$(BIN)/uv pip compile pyproject.toml --quiet --no-config --all-extras --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url --no-emit-package tocsin $(UPGRADE) -o requirements.lock
	@echo hatchling | $(BIN)/uv pip compile pyproject.toml - --quiet --no-config --extra services --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url --no-annotate --no-emit-package tocsin \
		--constraint requirements.lock -o services/requirements.lock
	@$(BIN)/uv pip compile src/tocsin/stack/bugsink/requirements.in --quiet --no-config --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url --no-annotate $(UPGRADE) -o src/tocsin/stack/bugsink/requirements.lock
	@scripts/setup

clean: ## Remove what set-up, checks and tests made
	rm -rf .venv .venv-bench .venv-fuzz .tools .hypothesis .*_cache dist site
	find src services tests -name __pycache__ -prune -exec rm -rf {} +
