"""What the store of logs costs beside DuckDB's own read_json, sqlite and chdb: a million lines in, three questions.

All hold the same 22 columns, `fields` as JSON. Each runs in a process of its own, in interleaved rounds, and the best
of each counts. Shipping is measured in seconds of one core, as the machine is shared. The shipper is killed a thousand
times. `make bench-logs` writes the result into RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import log_peers
import log_records
from results import Goal, Table, put, report

HERE = Path(__file__).parent
TITLE = "A million log records"
ROUNDS = 3
KILLS = 1_000
OURS, DUCKDB, SQLITE, CHDB = "tocsin", "DuckDB, read_json into a table", "sqlite, no index", "chdb, MergeTree"
PEERS = {OURS: "ours", DUCKDB: "duck", SQLITE: "sqlite", CHDB: "chdb"}
QUESTIONS = ("errors by service and minute", "p95 by route", "top errors")


def one(peer: str, source: Path) -> dict[str, Any]:
    """Run one of log_peers in a process and a folder of its own."""
    with tempfile.TemporaryDirectory(dir=source.parent) as folder:
        command = [sys.executable, __file__, "--peer", peer, "--source", str(source), "--folder", folder]
        found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        return found


def tortured() -> str:
    """Kill the shipper, and return what is said of the lines; it fails if one is lost or there twice."""
    command = [sys.executable, str(HERE.parent / "tests" / "logs" / "torture.py"), "--kills", str(KILLS)]
    environment = {**os.environ, "PYTHONPATH": f"{HERE.parent / 'src'}:{HERE.parent}"}
    return subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def best(rounds: list[dict[str, Any]]) -> dict[str, Any]:
    quickest = {name: min(one[name] for one in rounds) for name in ("ingest", "compacting") if name in rounds[0]}
    if "before" in rounds[0]:
        quickest["before"] = best([one["before"] for one in rounds])
    asked = zip(*(one["seconds"] for one in rounds), strict=True)
    return {**rounds[0], **quickest, "seconds": [min(taken) for taken in asked]}


def table(found: dict[str, dict[str, Any]], rate: float, size: int, kept: str) -> Table:
    ours = found[OURS]
    rows = [
        [
            name,
            f"{log_peers.LINES / one['ingest']:,.0f}" if "ingest" in one else "",
            f"{one['size'] / size * 100:.1f}",
            *(f"{seconds * 1000:.0f}" for seconds in one["seconds"]),
        ]
        for name, one in {OURS: ours, f"{OURS}, not compacted yet": ours["before"], **found}.items()
    ]
    goals = [
        Goal("logs: ingest, of DuckDB's read_json into a table", ours["ingest"] / found[DUCKDB]["ingest"], 1.2),
        Goal("logs: ingest, faster than sqlite", found[SQLITE]["ingest"] / ours["ingest"], 2, at_least=True),
        Goal("logs: Parquet, of the JSON lines", ours["size"] / size * 100, 10, unit="%"),
        Goal("logs: shipped by one core", rate, 50_000, at_least=True, unit="lines/s"),
    ]
    for number, question in enumerate(QUESTIONS):
        for peer in (CHDB, SQLITE):
            faster = found[peer]["seconds"][number] / ours["seconds"][number]
            goals.append(Goal(f"logs: {question}, faster than {peer}", faster, 1, at_least=True))
    versions = f"duckdb {version('duckdb')}, chdb {version('chdb')}, sqlite {sqlite3.sqlite_version}"
    notes = [
        f"{size / 1e6:.0f} MB of JSON lines of the SDK; the best of {ROUNDS} interleaved rounds; {versions}.",
        "All hold 22 columns, `fields` as JSON. Tocsin seals segments of 64 MiB into Parquet, with as many threads as",
        "DuckDB takes. It is asked in BigQuery's SQL, translation and all, as `tocsin logs query` asks; the peers in",
        "their own. The goals are for a store that is compacted, as upkeep does with eight small files of a service,",
        f"which took {ours['compacting'] / ours['ingest']:.1f} times as long as the sealing.",
        f"The shipper killed at random moments, between rotations: {kept}",
    ]
    return Table(TITLE, ["", "lines/s in", "% of JSON", *(f"{name}, ms" for name in QUESTIONS)], rows, goals, notes)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer")
    parser.add_argument("--source", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--seconds", help="not heeded: the work is a million lines")
    parser.add_argument("--into", help="a file for the result, as JSON; else RESULTS.md")
    given = parser.parse_args()
    if given.peer:
        sys.stdout.write(json.dumps(getattr(log_peers, given.peer)(given.source, given.folder)))
        return
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "lines.jsonl"
        log_records.write(source, log_peers.LINES)
        rounds = [{name: one(peer, source) for name, peer in PEERS.items()} for _ in range(ROUNDS)]
        rate = max(one("shipped", source)["rate"] for _ in range(ROUNDS))
        found = {name: best([turn[name] for turn in rounds]) for name in PEERS}
        result = table(found, rate, source.stat().st_size, tortured())
    answers = {json.dumps(one["answers"]) for one in found.values()}
    if len(answers) > 1:
        sys.exit(f"They do not answer the same: {answers}")
    report([result], given.into)
    if not given.into:
        put(result, HERE / "RESULTS.md")


if __name__ == "__main__":
    main()
