"""No secret that is planted anywhere comes out of an envelope, to its last byte."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI, Request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tocsin
from tests.sdk.reading import client, http_scope
from tests.sdk.sink import Sink, sink
from tocsin import Service
from tocsin.sdk.context import CURRENT
from tocsin.sdk.errors import Tracker
from tocsin.sdk.records import Record
from tocsin.sdk.redact import Redactor
from tocsin.sdk.settings import Settings

PLANTED = "planted-here"
ADDRESS = "203.0.113.7"
SHOP = Service(name="shop", team="shop", port=8000, because="Nobody can buy.")
OPAQUE = st.text("abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789", min_size=10, max_size=24).map("Zq{}9".format)
CARDS = st.sampled_from(["4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005", "6011111111111117"])
FORMED = st.one_of(
    OPAQUE.map("{}@mail.example".format),
    CARDS,
    OPAQUE.map(lambda text: f"Bearer {text}{text}"),
    st.builds(
        lambda text: ".".join(
            base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in ('{"alg":"HS256"}', text, text)
        ),
        OPAQUE,
    ),
)
NAMES = st.sampled_from(["password", "api_key", "X-Auth-Token", "sessionId", "clientSecret", "loyalty_number"])


@dataclass
class Customer:
    """What a service may hold."""

    name: str
    password: str


class Model:
    """An object whose text tells everything."""

    def __init__(self, secret: str) -> None:
        self.note = secret

    def __repr__(self) -> str:
        return f"Model({self.note})"


@pytest.fixture(scope="module")
def server() -> Iterator[Sink]:
    """An error tracker."""
    with sink() as running:
        yield running


@pytest.fixture(scope="module")
def tracker(server: Sink) -> Tracker:
    """A tracker whose every error differs."""
    given = Settings(dsn=server.dsn)
    found = Tracker.from_settings(given, SHOP, Redactor(("loyalty number",)), lambda *_: None)
    assert found is not None
    return found


class Plant:
    """What is planted: secret by its form, and secret by the name that it is given."""

    def __init__(self, formed: str, named: str, name: str) -> None:
        self.formed = formed
        self.named = named
        self.name = name


def fail(plant: Plant) -> None:
    """Break with secrets in each kind of variable."""
    card = plant.formed
    password = plant.named
    mapping = {
        plant.name: plant.named,
        "deep": [{"note": f"it is {plant.formed}"}, (plant.name, plant.named)],
        plant.formed: 1,
    }
    customer, model = Customer("A", plant.named), Model(plant.named)
    text = json.dumps({plant.name: plant.named, "card": plant.formed})
    headers = [(b"x", plant.named.encode())]
    scope = http_scope(query_string=f"q={plant.named}".encode(), headers=headers, client=(ADDRESS, 1))
    del headers
    user, body, client_ip = plant.named, {"note": plant.named}, ADDRESS
    error = ValueError(f"{plant.name}={plant.named}: {plant.formed} is wrong", card)
    error.add_note(f"asked by {plant.formed}")
    try:
        raise KeyError(plant.formed)  # noqa: TRY301 - as it may be
    except KeyError:
        raise error  # noqa: B904 - what it came of is to be told, too
    finally:
        assert all((password, mapping, customer, model, text, scope, user, body, client_ip))


def asked(plant: Plant) -> dict[str, Any]:
    """Return the scope of a request with secrets in each of its parts."""
    headers = {
        plant.name: plant.named,
        "authorization": f"Bearer {plant.named}",
        "cookie": f"session={plant.named}; theme={plant.formed}",
        "referer": f"https://shop.example/pay?q={plant.named}",
        "x-original-url": f"/pay?q={plant.named}",
        "x-forwarded-for": ADDRESS,
        "x-goog-authenticated-user-email": plant.named,
        "x-note": f"of {plant.formed}",
    }
    return http_scope(
        f"/reset/{plant.named}/{plant.formed}",
        query_string=quote(f"q={plant.named}&mail={plant.formed}").encode(),
        headers=[(key.lower().encode(), value.encode()) for key, value in headers.items()],
        path_params={plant.name: plant.named},
    )


def tell(tracker: Tracker, plant: Plant) -> None:
    """Tell of a request and its error, with secrets wherever there is a place for them."""
    scope = asked(plant)
    token = CURRENT.set(scope)
    fields: dict[str, Any] = {plant.name: plant.named, "note": plant.formed, "customer": Customer("B", plant.named)}
    fields["model"] = Model(plant.named)
    tracker.heard(Record("INFO", f"{plant.name}: {plant.named} of {plant.formed}", fields))
    tracker.heard(Record("INFO", f"card {plant.formed}", {"order": {plant.name: plant.named}}))
    tracker._errors.forget()  # noqa: SLF001 - each of them is sent
    tracker._transactions.forget()  # noqa: SLF001 - each of them is sent
    try:
        fail(plant)
    except ValueError as error:
        tracker.failed(scope, "/reset/{token}/{mail}", 500, error)
        again = ValueError(plant.formed)
        extra = {plant.name: plant.named, "note": plant.formed, "all": [fields]}
        tracker.capture(again, f"reset of {plant.formed}", extra)
    tracker.transaction(scope, "/reset/{token}/{mail}", 200, 0.1)
    CURRENT.reset(token)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(formed=FORMED, named=OPAQUE, name=NAMES)
def test_no_planted_secret_comes_out(tracker: Tracker, server: Sink, formed: str, named: str, name: str) -> None:
    server.raw.clear()
    server.items.clear()
    tell(tracker, Plant(formed, named, name))
    tracker.flush(30)
    server.wait("event", 2)
    server.wait("transaction", 1)
    sent = b"\n".join(server.raw).decode()
    for secret in (named, formed, formed.removeprefix("Bearer "), quote(formed), ADDRESS):
        assert secret not in sent
    assert "Model(" not in sent


@pytest.mark.anyio
async def test_neither_query_nor_body_nor_cookies_nor_address_of_a_request_come_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = FastAPI()

    @app.post("/pay/{token}")
    async def pay(request: Request, token: str) -> None:
        body = (await request.body()).decode()
        raise ValueError(f"{len(body)} {len(token)}")

    with sink() as server:
        monkeypatch.setenv("SENTRY_DSN", server.dsn)
        monkeypatch.setenv("SENTRY_TRACES_SAMPLE_RATE", "1")
        obs = tocsin.observe(app, SHOP)
        async with client(app) as caller:
            path, headers = f"/pay/{PLANTED}?q={PLANTED}", {"cookie": f"c={PLANTED}"}
            await caller.post(path, content=PLANTED, headers=headers)
        assert obs.tracker is not None
        obs.tracker.flush(30)
        server.wait("event")
        server.wait("transaction")
        sent = b"\n".join(server.raw).decode()
    assert PLANTED not in sent
    assert "127.0.0.1" not in sent
    assert '"user"' not in sent


@pytest.fixture
def anyio_backend() -> str:
    """Run coroutine tests on asyncio: the loop makes no difference here."""
    return "asyncio"
