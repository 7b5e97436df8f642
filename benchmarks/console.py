"""What the console costs: a board of twenty panels, refreshed every five seconds, in one tab and in ten.

The five services run as `tocsin up` runs them; a console and a Chromium of their own look at them, and their processor
time is read from the system, so that what else runs does not count. `make bench-console` writes the result into
RESULTS.md. `--soak SECONDS` instead keeps ten tabs open that wander through all pages, and ends with 1 if the console's
memory grows.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from results import Goal, Table, put, report

from tests.waiting import until
from tocsin.stack import state

HERE = Path(__file__).parent
TITLE = "The console"
PANELS, TABS, REFRESH = 20, 10, 5
WATCHED, HISTORY = 60.0, 300
"""Seconds for which processor time is read; seconds of data that the boards have when it begins."""

GROWTH, SLACK = 1.1, 8 * 2**20
"""Memory is flat if the last quarter's median is at most this multiple of the second quarter's, and some bytes."""

PAGES = ("overview", "alerts", "inbox", "objectives", "logs", "errors", "proof", "catalog", "drill")
KINDS = ("gauge", "bargauge", "piechart", "table", "stat")
BOARD = f"/boards?uid=twenty&from=now-15m&to=now&refresh={REFRESH}s"
DRAWN = """count => {
    const bodies = [...document.querySelectorAll('.panel .body')];
    const filled = body => body.querySelector('canvas, .numbers, table, .empty, .away');
    return bodies.length === count && bodies.every(filled);
}"""


@dataclass
class Seen:
    """Seconds until all panels are drawn, first and again; shares of one core; bytes of the console's memory."""

    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    browser: dict[int, float] = field(default_factory=dict)
    server: dict[int, float] = field(default_factory=dict)
    memory: int = 0


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def tocsin(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from tocsin.cli import main; main()", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@contextmanager
def running(folder: Path) -> Iterator[None]:
    """Run the five services."""
    up = tocsin("up", "--free-ports", "--folder", str(folder))
    try:
        until(lambda: folder.is_dir() and healthy(folder), "the stack is healthy", 120)
        yield
    finally:
        up.terminate()
        up.communicate()


def healthy(folder: Path) -> bool:
    found = state.read(folder)
    return found is not None and found.healthy


def gather(folder: Path) -> None:
    """Wait until the boards have something to show."""
    shelve(folder / "configuration" / "grafana" / "dashboards")
    say(f"{HISTORY} s of data are gathered ...")
    until(lambda: history(folder) >= HISTORY, f"there are {HISTORY} s of data", 3 * HISTORY)


def history(folder: Path) -> float:
    """Return for how many seconds all services were scraped."""
    found = state.read(folder)
    prometheus = next(part.url for part in found.parts if part.name == "prometheus") if found else ""
    parameters = {"query": "min(timestamp(up) - min_over_time(timestamp(up)[1h:5s]))"}
    told = httpx.get(f"{prometheus}api/v1/query", params=parameters, trust_env=False).json()
    return max((float(each["value"][1]) for each in told["data"]["result"]), default=0.0)


def shelve(boards: Path) -> None:
    """Put a board of twenty panels beside the others: the health of all services, and one of each further kind."""
    health = json.loads(next(boards.glob("**/health.json")).read_bytes())
    others = (json.loads(file.read_bytes()) for file in sorted(boards.glob("**/*.json")))
    there = [panel for board in others for panel in flat(board["panels"])]
    panels = [each for each in flat(health["panels"]) if each["type"] != "text"]
    panels += (next(each for each in there if each["type"] == kind) for kind in KINDS)
    for number, panel in enumerate(panels := panels[:PANELS]):
        panel |= {"id": number + 1, "gridPos": {"x": number % 4 * 6, "y": number // 4 * 7, "w": 6, "h": 7}}
    (boards / "twenty.json").write_text(json.dumps(health | {"uid": "twenty", "title": "Twenty", "panels": panels}))


def flat(panels: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for panel in panels:
        if panel["type"] == "row":
            yield from flat(panel.get("panels") or [])
        else:
            yield panel


@contextmanager
def console(folder: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Serve a console of its own; yield its address and its process."""
    process = tocsin("console", "--port", "0", "--folder", str(folder))
    try:
        said = process.stdout.readline() if process.stdout else ""
        yield said.rpartition(" ")[2].strip().rstrip("/"), psutil.Process(process.pid)
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def chromium() -> Iterator[tuple[Browser, BrowserContext]]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        sys.exit("This needs Chromium, which is not on PATH: install it, on Debian the package chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser, browser.new_context(viewport={"width": 1440, "height": 900})
        browser.close()


def drawn(page: Page, address: str) -> float:
    """Open the board; return the seconds until all its panels are drawn."""
    begun = time.monotonic()
    page.goto(address + BOARD)
    page.wait_for_function(DRAWN, arg=PANELS)
    return time.monotonic() - begun


def browsers() -> list[psutil.Process]:
    return [each for each in psutil.Process().children(recursive=True) if "chrom" in each.name()]


def spent(processes: list[psutil.Process]) -> float:
    """Return the seconds of processor time that they have used."""
    return sum(sum(each.cpu_times()[:2]) for each in processes if each.is_running())


def shares(server: psutil.Process, page: Page) -> tuple[float, float]:
    """Return which percentages of a core the browser and the server use, while the tabs are open."""
    looking, begun = browsers(), time.monotonic()
    before = spent(looking), spent([server])
    page.wait_for_timeout(WATCHED * 1000)
    seconds = (time.monotonic() - begun) / 100
    return (spent(looking) - before[0]) / seconds, (spent([server]) - before[1]) / seconds


def measured(folder: Path, rounds: int) -> Seen:
    seen = Seen()
    for _ in range(rounds):
        with console(folder) as (address, _), chromium() as (_, context):
            page = context.new_page()
            seen.first.append(drawn(page, address))
            seen.again.append(drawn(page, address))
    with console(folder) as (address, server), chromium() as (_, context):
        for tabs in (1, TABS):
            while len(context.pages) < tabs:
                drawn(context.new_page(), address)
            say(f"{tabs} open; watched for {WATCHED:.0f} s ...")
            seen.browser[tabs], seen.server[tabs] = shares(server, context.pages[0])
        seen.memory = server.memory_info().rss
    return seen


def table(seen: Seen) -> Table:
    goals = [
        Goal(f"console: {PANELS} panels every {REFRESH} s, browser", seen.browser[1], 15, unit="% of a core"),
        Goal(f"console: {PANELS} panels every {REFRESH} s, server", seen.server[1], 15, unit="% of a core"),
        Goal(f"console: {TABS} tabs of that, both", seen.browser[TABS] + seen.server[TABS], 50, unit="% of a core"),
        Goal("console: first full render", statistics.median(seen.first), 2, unit="s"),
    ]
    rows = [
        [f"{tabs} open", f"{seen.browser[tabs]:.1f} %", f"{seen.server[tabs]:.1f} %"] for tabs in sorted(seen.browser)
    ]
    note = (
        f"All {PANELS} panels drawn, new console and new browser: {', '.join(f'{each:.2f}' for each in seen.first)} s; "
        f"once more: {', '.join(f'{each:.2f}' for each in seen.again)} s. "
        f"The console's memory with {TABS} tabs: {seen.memory / 2**20:.0f} MiB."
    )
    return Table(TITLE, ["tabs", "browser", "server"], rows, goals, [note])


def soaked(folder: Path, seconds: float) -> list[int]:
    """Keep ten tabs open that go to other pages in turn; return the console's memory over time."""
    memory: list[int] = []
    with console(folder) as (address, server), chromium() as (_, context):
        for number in range(TABS):
            wander(context.new_page(), address, number)
        end, turn = time.monotonic() + seconds, 0
        while time.monotonic() < end:
            page = context.pages[turn % TABS]
            wander(page, address, turn + turn // TABS)
            page.wait_for_timeout(3000)
            memory.append(server.memory_info().rss)
            turn += 1
            if turn % TABS == 0:
                say(f"{end - time.monotonic():.0f} s to go; {memory[-1] / 2**20:.0f} MiB after {turn} pages")
    return memory


def wander(page: Page, address: str, number: int) -> None:
    """Go to a page; every other one is the board."""
    where = BOARD if number % 2 else f"/{PAGES[number // 2 % len(PAGES)]}"
    page.goto(address + where)
    page.wait_for_selector("main, #page")


def judged(memory: list[int]) -> str:
    """Return what is wrong with the console's memory over time, if anything is."""
    quarter = len(memory) // 4
    before, after = statistics.median(memory[quarter : 2 * quarter]), statistics.median(memory[-quarter:])
    say(f"Memory: {before / 2**20:.1f} MiB in the second quarter, {after / 2**20:.1f} MiB in the last.")
    return "" if after <= before * GROWTH + SLACK else "The console's memory grew."


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the console.")
    parser.add_argument("--soak", type=float, metavar="SECONDS", help="keep ten tabs open, and watch the memory")
    parser.add_argument("--rounds", type=int, default=5, help="new consoles and browsers for the first render")
    parser.add_argument("--folder", type=Path, help="of a stack that runs; else one is run")
    parser.add_argument("--into", help="a file for the result, as JSON; else RESULTS.md")
    given = parser.parse_args()
    with ExitStack() as ending:
        folder = given.folder or Path(ending.enter_context(tempfile.TemporaryDirectory())) / "run"
        if not given.folder:
            ending.enter_context(running(folder))
        gather(folder)
        if given.soak:
            sys.exit(judged(soaked(folder, given.soak)) or None)
        result = table(measured(folder, given.rounds))
    report([result], given.into)
    if not given.into:
        put(result, HERE / "RESULTS.md")


if __name__ == "__main__":
    main()
