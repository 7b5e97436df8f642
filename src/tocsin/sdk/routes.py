"""Which route template answered a request, and which there are, told from what the framework leaves in the scope.

Frameworks are looked at, never imported. Starlette's router puts the route into the scope. FastAPI 0.165 does too, but
without the prefixes of `include_router`; the whole template stands in `scope["fastapi"]["effective_route_context"]`.
A mount moves what it matched from the path to `root_path`, with its parameters filled in. Litestar leaves
`path_template`, empty for what is mounted. Flask has its rule in the request that is in the environ.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tocsin.model import UNMATCHED
from tocsin.sdk.protocol import Scope

TEMPLATE = "tocsin.route"
"""Where an environ holds the template of a framework that says it to nobody else."""

_DOCUMENTATION = ("openapi_url", "docs_url", "redoc_url", "swagger_ui_oauth2_redirect_url")


def template(scope: Scope, app: object) -> str:
    """Return the template of the route that answered, under its mounts, or `unmatched`."""
    route = scope.get("route")
    if route is None:
        return _litestar(scope)
    mounted = _mounted(scope, app)
    if _is_mount(route):
        return UNMATCHED if _below(route) else f"{mounted}/{{path}}"
    context = (scope.get("fastapi") or {}).get("effective_route_context") or route
    path = getattr(context, "path", None)
    return f"{mounted}{path}" if isinstance(path, str) else UNMATCHED


def _litestar(scope: Scope) -> str:
    path = scope.get("path_template", UNMATCHED)
    if path == "":
        return f"{min(scope['route_handler'].paths).rstrip('/')}/{{path}}"
    return path if isinstance(path, str) else UNMATCHED


def flask(request: Any) -> str | None:
    """Return the rule that *request* matched, if it is one of Flask's and matched any."""
    try:
        path = request.url_rule.rule
    except Exception:  # noqa: BLE001 - nothing matched, or a strange framework that raises anything
        return None
    return path if type(path) is str else None


def django(route: str) -> str:
    """Return a route of Django's as a template: it has no slash before it, and a regular expression has anchors."""
    return "/" + route.removeprefix("^").removesuffix("$")


def rules(app: object) -> Iterator[tuple[str, str, int]]:
    """Return method, template and status of success of every rule of a Flask application, but those of static files."""
    iterate = getattr(getattr(app, "url_map", None), "iter_rules", tuple)
    for rule in iterate():
        if rule.endpoint.rpartition(".")[2] != "static":
            for method in sorted(_own(rule.methods or ()) - {"OPTIONS"}):
                yield method, rule.rule, 200


def known(app: object) -> Iterator[tuple[str, str, int]]:
    """Return method, template and status of success of every route of *app*, but those of its own documentation."""
    documentation = {getattr(app, name, None) for name in _DOCUMENTATION}
    for method, path, status in _walk(_below(app), ""):
        if path not in documentation:
            yield method, path, status


def _walk(routes: Iterable[Any], under: str) -> Iterator[tuple[str, str, int]]:
    for route in routes:
        contexts = getattr(route, "effective_route_contexts", None)
        if hasattr(route, "route_handlers"):
            yield from _handled(route)
        elif callable(contexts):
            yield from _walk(contexts(), under)
        elif _is_mount(route):
            yield from _walk(_below(route), under + route.path)
        else:
            path, methods = getattr(route, "path", None), getattr(route, "methods", None)
            if isinstance(path, str) and methods:
                status = getattr(route, "status_code", None) or 200
                yield from ((method, under + path, int(status)) for method in sorted(_own(methods)))


def _handled(route: Any) -> Iterator[tuple[str, str, int]]:
    """Return the same of a route of Litestar's, but of those that it adds itself."""
    for handler in route.route_handlers:
        if handler.resolve_include_in_schema():
            yield from (
                (str(method), route.path_format, handler.status_code) for method in sorted(handler.http_methods)
            )


def _below(app: object) -> Sequence[Any]:
    routes = getattr(app, "routes", ())
    return routes if isinstance(routes, Sequence) else ()


def _own(methods: Iterable[str]) -> set[str]:
    """Leave out HEAD, which Starlette adds to every GET."""
    return set(methods) - {"HEAD"} or set(methods)


def _is_mount(route: object) -> bool:
    return hasattr(route, "routes") and hasattr(route, "path_regex")


def _mounted(scope: Scope, app: object) -> str:
    if "app_root_path" not in scope:
        return ""
    filled = str(scope.get("root_path", "")).removeprefix(str(scope["app_root_path"]))
    return _unfilled(filled, _below(app))


def _unfilled(filled: str, routes: Iterable[Any]) -> str:
    """Put the names of parameters back into the path that mounts have matched."""
    for route in routes:
        if not _is_mount(route):
            continue
        found = route.path_regex.match(f"{filled}/")
        if found:
            rest = "/" + found["path"].rstrip("/")
            return str(route.path) + (_unfilled(rest, _below(route)) if rest != "/" else "")
    return filled
