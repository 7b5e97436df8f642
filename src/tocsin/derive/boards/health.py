"""Service health: one board for all services, and one for each."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.derive.board import SERVICE, Board, Bounds, Pane, Row, Variable, uid
from tocsin.derive.health import ERROR_RATIO, QUANTILES, latency_promise
from tocsin.model import (
    HTTP_DURATION,
    HTTP_IN_FLIGHT,
    HTTP_REQUESTS,
    LOG_RECORDS,
    SCRAPE,
    Availability,
    Catalog,
    Panel,
    Query,
    Service,
)

ALL = uid("health")


def boards(catalog: Catalog) -> Iterator[Board]:
    """Yield the board of all services, on which one may be chosen, and that of each."""
    instance = Variable("instance", "instance", f"{SCRAPE[0].name}{{{SERVICE.matcher}}}")
    yield Board(
        uid=ALL,
        title="Health: all services",
        folder="services",
        file="health",
        help="Every service side by side. The one whose line leaves the others is sick: click it to see it alone.",
        rows=tuple(_rows(SERVICE.matcher, f"{SERVICE.matcher},{instance.matcher}", None)),
        variables=(SERVICE, instance),
    )
    for service in catalog.services:
        me = f'service="{service.name}"'
        instance = Variable("instance", "instance", f"{SCRAPE[0].name}{{{me}}}")
        yield Board(
            uid=uid(service.name, "health"),
            title=f"Health: {service.name}",
            folder="services",
            file=service.name,
            help=service.because,
            rows=tuple(_rows(me, f"{me},{instance.matcher}", service)),
            service=service.name,
            variables=(instance,),
            guided=True,
        )


def _rows(me: str, mine: str, service: Service | None) -> Iterator[Row]:
    """Yield the rows; *me* matches the service, *mine* the chosen instances, as far as those make a difference."""
    name = service.name if service else ""
    yield Row("Requests", tuple(_requests(me, service)))
    yield Row("Latency", tuple(_latency(me, service)))
    yield Row("Instances", tuple(_instances(mine, name)))
    yield Row("Scrapes and logs", tuple(_scrapes(mine, me, name)))


def _requests(me: str, service: Service | None) -> Iterator[Pane]:
    name = service.name if service else ""
    legend = "requests" if service else "{{service}}"
    budgets = [o.budget for o in service.objectives if isinstance(o, Availability)] if service else []
    yield Pane(
        panel=Panel(
            "Request rate",
            (Query(f"service:http_requests:rate5m{{{me}}}", legend),),
            unit="reqps",
            help="A sudden fall means that customers no longer get here; look upstream first.",
        ),
    )
    yield Pane(
        panel=Panel(
            "Error ratio",
            (Query(f"service:http_errors:ratio_rate5m{{{me}}}", "errors" if service else "{{service}}"),),
            unit="percentunit",
            help="The share of requests answered with 500 or above; look at the logs of the failing route.",
        ),
        bounds=Bounds(warning=min((b for b in budgets if b < ERROR_RATIO), default=None), critical=ERROR_RATIO),
        service=name,
        runbook="high-error-rate",
    )
    yield Pane(
        panel=Panel(
            "Requests in flight",
            (Query(f"sum by (service) ({HTTP_IN_FLIGHT}{{{me}}})", "in flight" if service else "{{service}}"),),
            unit="short",
            help="A line that climbs while the request rate stands still means that answers wait for something.",
        ),
    )
    if service:
        yield Pane(
            panel=Panel(
                "Requests by status",
                (Query(f"sum by (status_code) (rate({HTTP_REQUESTS}{{{me}}}[5m]))", "{{status_code}}"),),
                unit="reqps",
                help="Which answers customers get. More of 4xx than usual is a client that changed, 5xx is ours.",
            ),
        )
        yield Pane(
            panel=Panel(
                "Errors by route",
                (
                    Query(
                        f'sum by (route) (rate({HTTP_REQUESTS}{{{me},status_code=~"5.."}}[5m])) > 0',
                        "{{route}}",
                    ),
                ),
                unit="reqps",
                help="Where it fails. Read the logs of that route from when its line begins.",
            ),
            service=name,
            runbook="high-error-rate",
            empty="No request fails.",
        )


def _latency(me: str, service: Service | None) -> Iterator[Pane]:
    buckets = f"{HTTP_DURATION.name}_bucket{{{me}}}"
    bound = Bounds(critical=latency_promise(service)[0]) if service else Bounds()
    by = "le" if service else "service, le"
    for title, names in (("Latency", tuple(QUANTILES)),) if service else ((q.upper(), (q,)) for q in QUANTILES):
        yield Pane(
            panel=Panel(
                title,
                tuple(
                    Query(
                        f"histogram_quantile({QUANTILES[q]:g}, sum by ({by}) (rate({buckets}[5m])))",
                        q.upper() if service else "{{service}}",
                    )
                    for q in names
                ),
                unit="s",
                help="When P99 leaves P50 behind, some requests wait for something; when all rise, the service is full."
                f"{' A dot is a request with a trace: open it.' if 'p99' in names else ''}",
            ),
            bounds=bound,
            service=service.name if service else "",
            runbook="high-latency",
            exemplars="p99" in names,
        )
    yield Pane(
        panel=Panel(
            "Latency, all requests",
            (Query(f"sum by (le) (increase({buckets}[5m]))", "{{le}}"),),
            unit="short",
            kind="heatmap",
            help="How many requests took how long. Two bands are two kinds of requests: ask which route is the upper.",
        ),
        service=service.name if service else "",
        runbook="high-latency",
        axis="s",
    )


def _instances(mine: str, name: str) -> Iterator[Pane]:
    legend = "{{instance}}" if name else "{{service}} {{instance}}"
    yield Pane(
        panel=Panel(
            "CPU usage",
            (Query(f"rate(process_cpu_seconds_total{{{mine}}}[5m])", legend),),
            unit="cores",
            help="Close to the limit of its container, an instance answers late before it fails.",
        ),
    )
    yield Pane(
        panel=Panel(
            "Memory usage",
            (Query(f"process_resident_memory_bytes{{{mine}}}", legend),),
            unit="bytes",
            help="A line that only climbs is a leak; it ends with a restart.",
        ),
    )
    yield Pane(
        panel=Panel(
            "Open files",
            (Query(f"process_open_fds{{{mine}}} / process_max_fds{{{mine}}}", legend),),
            unit="percentunit",
            help="The share of the files and connections it may have. One that climbs forgets to close them.",
        ),
        bounds=Bounds(warning=0.8),
    )
    yield Pane(
        panel=Panel(
            "Running since",
            (Query(f"time() - process_start_time_seconds{{{mine}}}", legend),),
            unit="s",
            help="A line that falls to 0 is a restart: a deploy, or a crash. Read the last lines before it.",
        ),
    )


def _scrapes(mine: str, me: str, name: str) -> Iterator[Pane]:
    up, duration, samples = (signal.name for signal in SCRAPE)
    legend = "{{instance}}" if name else "{{service}} {{instance}}"
    yield Pane(
        panel=Panel(
            "Answers to scrapes",
            (Query(f"{up}{{{mine}}}", legend),),
            unit="bool",
            kind="stat",
            help="0 means that Prometheus gets no answer: whatever else this board shows of it is old.",
        ),
        bounds=Bounds(critical=1, below=True),
        service=name,
        runbook="service-down",
    )
    yield Pane(
        panel=Panel(
            "Duration of a scrape",
            (Query(f"{duration}{{{mine}}}", legend),),
            unit="s",
            help="Near the scrape interval, samples are lost: look for a label that grew.",
        ),
    )
    yield Pane(
        panel=Panel(
            "Samples of a scrape",
            (Query(f"{samples}{{{mine}}}", legend),),
            unit="short",
            help="A line that climbs day by day is a label without bounds.",
        ),
    )
    by = "severity" if name else "service, severity"
    yield Pane(
        panel=Panel(
            "Log records",
            (
                Query(
                    f'sum by ({by}) (rate({LOG_RECORDS}{{{me},severity=~"WARNING|ERROR|CRITICAL"}}[5m]))',
                    "{{severity}}" if name else "{{service}} {{severity}}",
                ),
            ),
            unit="ops",
            help="Warnings and worse. When a line leaves 0, open the logs of the same time.",
        ),
    )
