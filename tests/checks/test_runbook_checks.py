"""What is found in runbooks, and where: sections, links, commands."""

from __future__ import annotations

from dataclasses import replace

import pytest
import typer

from tests.checks.pages import RUNBOOK, plan_of_checkout, written
from tocsin import cli
from tocsin.checks import CHECKS, Case, Problem, judge
from tocsin.cli import reference

OWN = {
    name.partition(" ")[2]: frozenset(flag for each in verb.params for flag in each.opts)
    for name, verb in reference.commands(typer.main.get_command(cli.app))
}


def found(check: str, text: str) -> list[Problem]:
    case = written(text)
    return list(CHECKS[check](replace(case, observation=replace(case.observation, commands=OWN))))


def shell(*lines: str) -> str:
    return "\n\n```sh\n" + "\n".join(lines) + "\n```\n"


def messages(check: str, text: str) -> list[str]:
    return [problem.message for problem in found(check, text)]


def test_an_empty_section_is_found_where_its_heading_stands() -> None:
    (problem,) = found("runbook/missing-section", RUNBOOK.text.replace("## Mitigation\n\nWords.\n", "## Mitigation\n"))
    assert problem.message == "“Mitigation” is empty: write what belongs there"
    assert problem.place is not None
    assert RUNBOOK.text.splitlines()[problem.place.line - 1] == "## Mitigation"


def test_what_a_page_lacks_is_one_problem() -> None:
    (problem,) = found("runbook/missing-section", "# A\n\n## First looks\n\nWords.\n\n## Mitigation\n\nWords.\n")
    assert problem.message.startswith("it lacks “What it means for customers” and “Likely causes” and “When to")


@pytest.mark.parametrize(
    ("link", "message"),
    [
        ("printer-down.md", "printer-down.md is no runbook of checkout"),
        ("../shop.md", "../shop.md is no runbook of checkout"),
        ("service-down.md#contacts", "there is no section #contacts"),
    ],
)
def test_a_link_that_leads_nowhere_is_found(link: str, message: str) -> None:
    (problem,) = found("runbook/dead-link", f"See [that]({link}).")
    assert problem.message.startswith(message)
    assert problem.span is not None
    assert problem.passage is not None
    assert problem.passage.text[problem.span.start : problem.span.end] == link


@pytest.mark.parametrize(
    "text",
    [
        "[it](payments-stall.md) and [there](high-latency.md#likely-causes) and [here](#mitigation)",
        "[Google](https://cloud.google.com/run) `[code](nowhere.md)`",
        shell("echo '[code](nowhere.md)'"),
    ],
)
def test_a_link_that_leads_somewhere_is_fine(text: str) -> None:
    assert found("runbook/dead-link", text) == []


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("tocsin prov ServiceDown", "there is no command tocsin prov: say prove"),
        ("tocsin logs query --questions x", "tocsin logs query has no flag --questions: say --question"),
        (
            "kubectl -n shop rollout undos deployment/a",
            "there is no command kubectl rollout undos deployment/a: say rollout undo",
        ),
        ("kubectl get pods --every", "kubectl get has no flag --every"),
        ("FOO=1 gcloud run services list --wait", "gcloud run services list has no flag --wait"),
        ("gcloud run services update a --min-instance=2", "has no flag --min-instance: say --min-instances"),
        ("true && gcloud run service list", "there is no command gcloud run service list: say run services list"),
        ("echo 'a", "no shell reads it"),
    ],
)
def test_a_command_that_there_is_not_is_found_in_code(command: str, message: str) -> None:
    for text in (shell("ls", command), f"Run `{command}`."):
        said = messages("runbook/unknown-command", text)
        assert [message in each for each in said] == [True], said


@pytest.mark.parametrize(
    "text",
    [
        shell("# tocsin prov", "$ tocsin prove <service>/ServiceDown  # again"),
        shell("printf %s x | gcloud secrets versions add <service>-dsn --data-file=-"),
        shell("gcloud --project=a run services update-traffic <service> \\", "  --to-revisions=REVISION=100 --quiet"),
        shell("kubectl --context other -n monitoring logs statefulset/prometheus --since 5m -f"),
        shell("kubectl exec pod/a -- sh -c 'ls --anything'", "tocsin --help", "docker ps --nothing-known"),
        "`tocsin` and `kubectl` are programs; `tocsin check --live` runs.",
        "\n```text\ntocsin prov\n```\n",
    ],
)
def test_a_command_that_there_is_is_fine(text: str) -> None:
    assert messages("runbook/unknown-command", text) == []


def test_tocsins_own_commands_are_judged_only_if_they_were_looked_at() -> None:
    assert list(CHECKS["runbook/unknown-command"](written("`tocsin prov`"))) == []


def test_a_command_over_several_lines_is_found_where_it_begins() -> None:
    (problem,) = found("runbook/unknown-command", shell("ls", "kubectl get pods \\", "  --every"))
    assert problem.place is not None
    assert problem.passage is not None
    assert problem.passage.text.splitlines()[problem.place.line - 1] == "kubectl get pods \\"


def test_without_runbooks_there_is_nothing_to_find() -> None:
    case = Case(rules=(), boards=(), world=written("").world, observation=written("").observation)
    bare = replace(case, observation=replace(case.observation, runbooks=None), plan=plan_of_checkout())
    assert {problem.check for problem in judge(bare)} & {check for check in CHECKS if check.startswith("run")} == set()
