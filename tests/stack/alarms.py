"""The way of an alarm, for tests: the real Alertmanager before the real inbox, with a gate between them."""

from __future__ import annotations

import subprocess
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx

from tests.stack.inboxes import TEAMS, running_inbox
from tests.waiting import until
from tocsin.derive import Plan
from tocsin.stack import ports, tools
from tocsin.stack.inbox.client import InboxClient
from tocsin.stack.inbox.keys import save_keys
from tocsin.stack.inbox.records import Event
from tocsin.targets import Site, build

LIMIT = 90.0
RUNBOOK = "http://127.0.0.1:1/runbooks/checkout/service-down"
TO_PAGERDUTY, TO_SLACK, TO_HEARTBEAT = "/v2/", "/services/", "/heartbeat/"


@dataclass(frozen=True)
class Order:
    """What the gate does with one request: it hands it on or not, and answers with *status*, or not at all."""

    status: int | None
    hands_on: bool = False


class Gate:
    """Stands before an inbox, and misbehaves on order; whatever it has no order for it hands on."""

    def __init__(self, inbox: str, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.inbox = inbox
        self.port = port
        self.passed: list[tuple[str, int | None]] = []
        self._orders: dict[str, deque[Order]] = {}
        self._over = threading.Event()
        self._server: ThreadingHTTPServer | None = None

    def order(self, door: str, status: int | None, *, times: int = 1, hands_on: bool = False) -> None:
        """Say what becomes of the next requests at a door; no status is no answer, for as long as the test runs."""
        self._orders.setdefault(door, deque()).extend([Order(status, hands_on)] * times)

    def answers(self, door: str) -> list[int | None]:
        """How the requests at a door were answered."""
        return [status for path, status in self.passed if path.startswith(door)]

    def open(self) -> None:
        gate = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                gate._take(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self) -> None:
        """Be down: nobody listens any more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def end(self) -> None:
        self._over.set()
        self.close()

    def _take(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("content-length", 0)))
        orders = next((orders for door, orders in self._orders.items() if request.path.startswith(door)), None)
        order = orders.popleft() if orders else None
        status, answer = (None, b"") if order is None else (order.status, b"as ordered")
        if order is None or order.hands_on:
            content = request.headers.get("content-type", "")
            real = httpx.post(self.inbox + request.path, content=body, headers={"content-type": content})
            if order is None:
                status, answer = real.status_code, real.content
        self.passed.append((request.path, status))
        if status is None:
            self._over.wait()
            return
        with suppress(OSError):
            request.send_response(status)
            request.send_header(
                "content-type", "application/json" if request.path.startswith(TO_PAGERDUTY) else "text/plain"
            )
            request.send_header("content-length", str(len(answer)))
            request.end_headers()
            request.wfile.write(answer)


class Alarms:
    """An Alertmanager that reports through a gate to an inbox; *flags* are added to its command."""

    def __init__(self, folder: Path, plan: Plan, gate: Gate, client: InboxClient, *flags: str) -> None:
        self.plan, self.gate, self.client, self.folder = plan, gate, client, folder
        self.log = folder / "alertmanager.log"
        self.address = f"127.0.0.1:{ports.free(['alertmanager'])['alertmanager']}"
        self.url = f"http://{self.address}"
        self._flags = flags
        self._process: subprocess.Popen[bytes] | None = None
        self.configure(plan)

    def configure(self, plan: Plan) -> None:
        """Write the secrets, and the configuration that Tocsin generates."""
        secrets = self.folder / "secrets"
        secrets.mkdir(exist_ok=True)
        for team in plan.catalog.teams:
            (secrets / f"{team.name}-pagerduty-key").write_text(TEAMS[team.name].pagerduty)
            (secrets / f"{team.name}-slack-url").write_text(self.gate.url + TEAMS[team.name].slack)
        (secrets / "heartbeat-token").write_text("token")
        site = Site(
            secrets=str(secrets),
            pagerduty_url=f"{self.gate.url}/v2/enqueue",
            heartbeat=f"{self.gate.url}/heartbeat/watchdog",
            alertmanagers=(self.address,),
        )
        for artifact in build(plan, site):
            path = self.folder / artifact.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(artifact.text)

    def start(self) -> None:
        command = [
            str(tools.find("alertmanager")),
            f"--config.file={self.folder / 'alertmanager' / 'alertmanager.yml'}",
            f"--storage.path={self.folder / 'data'}",
            f"--web.listen-address={self.address}",
            f"--web.external-url=http://{self.address}",
            "--cluster.listen-address=",
            *self._flags,
        ]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until(lambda: answers(f"{self.url}/-/ready"), "Alertmanager is ready", LIMIT)

    def stop(self) -> None:
        """End it as an orderly restart does: with SIGTERM."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(LIMIT)

    def kill(self) -> None:
        """End it as a crash does: with SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(LIMIT)

    def alert(self, name: str, severity: str, *, ended: bool = False, **labels: str) -> None:
        """Say what Prometheus would say of an alert."""
        labels = {"alertname": name, "severity": severity, "team": "shop", "service": "checkout", **labels}
        now = datetime.now(UTC)
        lasts = {"startsAt": (now - timedelta(minutes=1)).isoformat()}
        if ended:
            lasts["endsAt"] = now.isoformat()
        annotations = {"summary": f"{name} on checkout", "because": "Nobody can buy.", "runbook_url": RUNBOOK}
        alert = {"labels": labels, "annotations": annotations, **lasts}
        answer = httpx.post(f"{self.url}/api/v2/alerts", json=[alert], trust_env=False)
        assert answer.status_code == 200

    def next(self, after: int, **wanted: Any) -> Event:
        """Await the inbox's next event that fits."""

        def fits(event: Event) -> bool:
            return all(getattr(event, name) == value for name, value in wanted.items())

        event = self.client.await_event(fits, after=after, timeout=LIMIT)
        assert event is not None, (wanted, self.gate.passed, self.log.read_text()[-2000:])
        return event

    def titles(self) -> list[str]:
        """The titles of the Slack messages that came, oldest first."""
        return [message.body["attachments"][0]["title"] for message in reversed(self.client.messages())]

    def groups(self) -> list[Any]:
        """The groups of alerts that Alertmanager has."""
        found: list[Any] = httpx.get(f"{self.url}/api/v2/alerts/groups", trust_env=False).json()
        return found


class Prometheus:
    """A Prometheus with the rules that Tocsin generated for *alarms*; *flags* are added to its command."""

    def __init__(self, alarms: Alarms, *flags: str) -> None:
        self.url = f"http://127.0.0.1:{ports.free(['prometheus'])['prometheus']}"
        self._folder, self._flags = alarms.folder, flags
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            str(tools.find("prometheus")),
            f"--config.file={self._folder / 'prometheus' / 'prometheus.yml'}",
            f"--storage.tsdb.path={self._folder / 'series'}",
            f"--web.listen-address={self.url.removeprefix('http://')}",
            *self._flags,
        ]
        with (self._folder / "prometheus.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        until(lambda: answers(f"{self.url}/-/ready"), "Prometheus is ready", LIMIT)

    def stop(self) -> None:
        """End it as an orderly restart does: with SIGTERM."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(LIMIT)

    def kill(self) -> None:
        """End it as a crash does: with SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(LIMIT)

    def active(self, name: str) -> Active | None:
        """The alert of this name, if it is pending or firing."""
        groups = httpx.get(f"{self.url}/api/v1/rules", trust_env=False).json()["data"]["groups"]
        (rule,) = (rule for group in groups for rule in group["rules"] if rule["name"] == name)
        for alert in rule["alerts"]:
            since = datetime.fromisoformat(alert["activeAt"])
            return Active(alert["state"], since, datetime.fromisoformat(rule["lastEvaluation"]) - since)
        return None


@dataclass(frozen=True)
class Active:
    """An alert in Prometheus: its state, since when it is active, and how long it was so at its last evaluation."""

    state: str
    since: datetime
    lasted: timedelta


def answers(url: str) -> bool:
    """Whether something healthy answers there."""
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.HTTPError:
        return False


@contextmanager
def running_alarms(folder: Path, plan: Plan, *flags: str) -> Iterator[Alarms]:
    """Run an inbox, a gate and an Alertmanager with the configuration of a plan; all of them end."""
    folder.mkdir(parents=True, exist_ok=True)
    save_keys(folder / "keys.json", {team.name: TEAMS[team.name] for team in plan.catalog.teams})
    with running_inbox(folder / "inbox", "--keys", folder / "keys.json") as inbox, InboxClient(inbox.url) as client:
        gate = Gate(inbox.url, ports.free(["gate"])["gate"])
        gate.open()
        alarms = Alarms(folder, plan, gate, client, *flags)
        try:
            alarms.start()
            yield alarms
        finally:
            alarms.kill()
            gate.end()
