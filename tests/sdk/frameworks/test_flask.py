from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from flask import Blueprint, Flask, Response, abort, stream_with_context
from werkzeug.middleware.dispatcher import DispatcherMiddleware

import tocsin
from tests.sdk.frameworks.speaking import Server, counted, scraped
from tests.sdk.reading import Line, requests
from tocsin import DeclarationError, Service
from tocsin.model import UNMATCHED


def shop_app() -> Flask:
    """Return an application with a route of each kind."""
    app = Flask("shop")

    @app.route("/items/<int:number>", methods=["GET", "PUT"])
    def item(number: int) -> dict[str, int]:
        return {"number": number}

    @app.get("/boom")
    def boom() -> str:
        raise RuntimeError("boom")

    @app.get("/teapot")
    def teapot() -> str:
        abort(418)

    @app.get("/stream")
    def stream() -> Response:
        def chunks() -> Iterator[bytes]:
            yield from (b"a", b"b")

        return Response(stream_with_context(chunks()))

    below = Blueprint("below", "below", url_prefix="/below/<tenant>")

    @below.post("/things")
    def things(tenant: str) -> tuple[str, int]:
        return tenant, 201

    app.register_blueprint(below)
    return app


def test_requests_have_their_rule(shop: Service) -> None:
    app = shop_app()
    assert tocsin.observe(app, shop).app is app
    asked = [("GET", "/items/1"), ("HEAD", "/items/2"), ("OPTIONS", "/items/3"), ("PUT", "/items/4"), ("GET", "/boom")]
    more = [("GET", "/teapot"), ("GET", "/stream"), ("POST", "/below/acme/things"), ("POST", "/below/x/things")]
    lost = [("GET", "/nowhere"), ("GET", "/items/x"), ("GET", "/static/none.css"), ("DELETE", "/items/1")]
    assert counted(app, *asked, *more, *lost) == {
        ("GET", "/items/<int:number>", "200"): 1,
        ("HEAD", "/items/<int:number>", "200"): 1,
        ("OPTIONS", "/items/<int:number>", "200"): 1,
        ("PUT", "/items/<int:number>", "200"): 1,
        ("GET", "/boom", "500"): 1,
        ("GET", "/teapot", "418"): 1,
        ("GET", "/stream", "200"): 1,
        ("POST", "/below/<tenant>/things", "201"): 2,
        ("GET", "/static/<path:filename>", "404"): 1,
        ("GET", UNMATCHED, "404"): 2,
        ("DELETE", UNMATCHED, "405"): 1,
    }


def test_routes_start_at_0_with_their_failure_although_they_are_added_later(shop: Service) -> None:
    app = Flask("shop")
    tocsin.observe(app, shop)
    app.add_url_rule("/late/<x>", view_func=lambda x: x, methods=["GET", "POST"])
    assert {name for name in scraped(app) if name.startswith("http_requests_total") and UNMATCHED not in name} == {
        f'http_requests_total{{method="{method}",route="/late/<x>",status_code="{status}"}}'
        for method in ("GET", "POST")
        for status in (200, 500)
    }


def test_a_mount_is_part_of_the_template_and_what_the_server_mounts_is_not(shop: Service) -> None:
    app = Flask("front")
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/api": shop_app()})  # type: ignore[method-assign]  # as Flask says
    tocsin.observe(app, shop)
    for path in ("/api/items/1", "/api/none", "/none"):
        assert Server(app).get(path, SCRIPT_NAME="/proxied")[0] == (200 if "items" in path else 404)
    assert requests(scraped(app)) == {("GET", "/api/items/<int:number>", "200"): 1, ("GET", UNMATCHED, "404"): 2}


def test_flask_says_through_the_log(shop: Service, said: Callable[[], list[Line]]) -> None:
    app = shop_app()
    tocsin.observe(app, shop)
    Server(app).get("/boom", HTTP_X_REQUEST_ID="r-1")
    broken, request = said()
    assert broken["message"] == "Exception on /boom [GET]"
    assert "RuntimeError: boom" in broken["stack_trace"]
    assert request["message"] == "GET /boom 500"
    assert {line["logging.googleapis.com/labels"]["request_id"] for line in (broken, request)} == {"r-1"}


def test_its_own_client_is_answered(shop: Service) -> None:
    app = shop_app()
    obs = tocsin.observe(app, shop)
    with app.test_client() as caller:
        assert caller.get("/items/1").json == {"number": 1}
        assert caller.get("/readyz").json == {"ready": True, "failing": []}
    assert requests(scraped(obs.app)) == {("GET", "/items/<int:number>", "200"): 1}


def test_observing_twice_is_refused(shop: Service) -> None:
    app = shop_app()
    tocsin.observe(app, shop)
    with pytest.raises(DeclarationError, match="observed already"):
        tocsin.observe(app, shop)


def test_a_strange_request_breaks_nothing(shop: Service) -> None:
    class Strange:
        @property
        def url_rule(self) -> Any:
            raise LookupError

    class Listed:
        class url_rule:  # noqa: N801 - as werkzeug names it
            rule = ["unhashable"]  # noqa: RUF012 - that it is a list is the point

    def app(asked: dict[str, Any], start_response: Any) -> list[bytes]:
        asked["werkzeug.request"] = {"/strange": Strange(), "/list": Listed(), "/none": None}[asked["PATH_INFO"]]
        start_response("200 OK", [])
        return []

    obs = tocsin.observe(app, shop)
    asked = [("GET", path) for path in ("/strange", "/list", "/none")]
    assert counted(obs.app, *asked, *asked) == {("GET", UNMATCHED, "200"): 6}


def test_httpx_speaks_wsgi_to_it(shop: Service) -> None:
    app = shop_app()
    tocsin.observe(app, shop)
    with httpx.Client(transport=httpx.WSGITransport(app=app), base_url="http://shop.example") as caller:
        assert caller.get("/stream").text == "ab"
    assert requests(scraped(app)) == {("GET", "/stream", "200"): 1}


def test_answers_bear_the_id_of_their_request(shop: Service) -> None:
    app = shop_app()
    tocsin.observe(app, shop)
    for sent, answered in (("r-1", "r-1"), ("<script>", "[0-9a-f]{32}")):
        with app.test_client().get("/items/1", headers={"x-request-id": sent}, buffered=True) as answer:
            (name,) = answer.headers.getlist("x-request-id")
        assert re.fullmatch(answered, name)


def test_a_request_that_the_fault_door_lets_fail_has_its_rule(shop: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_FAULTS", "only-for-this-test")
    app = shop_app()
    tocsin.observe(app, shop)
    order = {"headers": {"authorization": "Bearer only-for-this-test"}, "data": b'{"errors": 1}'}
    assert app.test_client().post("/-/faults", **order).status_code == 200
    assert app.test_client().get("/items/1").data == b"Broken on purpose, by the fault door.\n"
    assert counted(app, ("GET", "/items/1"), ("GET", "/stream"), ("GET", "/nowhere")) == {
        ("GET", "/items/<int:number>", "500"): 2,
        ("GET", "/stream", "500"): 1,
        ("GET", UNMATCHED, "500"): 1,
    }
