"""What the customer profile service promises."""

from services.teams import DATA
from tocsin import (
    HTTP_REQUESTS,
    Alert,
    Availability,
    Counter,
    Flow,
    Gauge,
    Histogram,
    Label,
    Latency,
    Level,
    Panel,
    Query,
    Ratio,
    Service,
    Shift,
    Spread,
    Traffic,
    matching,
)

NAME = "customer-profile"
ROUTE = "/profiles/{customer_id}"
LIGHTSPEED, BIGQUERY = SOURCES = ("lightspeed", "bigquery")

PROFILE_REQUESTS = Counter("profile_requests_total", "Total number of profile requests.")
CACHE_HITS = Counter("profile_cache_hits_total", "Total number of cache hits.")
ENRICHMENT = Histogram(
    "profile_enrichment_seconds",
    "Time taken to join a profile from its sources.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
SOURCE_UP = Gauge(
    "profile_data_source_up",
    "Whether a data source answered when last asked: 1 or 0.",
    (Label("source", SOURCES),),
    across="min",
)

PROFILES = HTTP_REQUESTS.where(service=NAME, route=ROUTE)

DATA_SOURCE_DOWN = Alert(
    "DataSourceDown",
    when=f"min(avg by (source) ({SOURCE_UP})) <= 0.5 or absent({SOURCE_UP})",
    lasting="2m",
    within="3m",
    severity="warning",
    summary="Half or more of the profile instances cannot reach a data source",
    because="Profiles come without their customer or without their purchases, and staff greet regulars as strangers.",
    rings_on=(Shift(SOURCE_UP, 0), Shift(SOURCE_UP, 0.5)),
    quiet_on=Shift(SOURCE_UP, 0.6),
    not_before="2m",
    runbook="runbooks/data-source-down.md",
)

OBJECTIVES = (
    Availability(0.999, because="Staff and shops cannot see who they serve."),
    Latency(0.95, below=2, because="The till waits for the profile."),
    Ratio(
        name="profile-errors",
        ratio=0.995,
        bad=PROFILES.where(status_code=matching("5..")),
        total=PROFILES,
        because="Profiles are answered with errors.",
    ),
)

PANELS = (
    Panel(
        "Profile requests per minute",
        (Query(f"sum(rate({PROFILE_REQUESTS}[5m])) * 60", "requests"),),
        unit="cpm",
        help="Follows the shops' day. A sudden zero with the service up means that nobody calls it.",
    ),
    Panel(
        "Cache hit rate",
        (Query(f"sum(rate({CACHE_HITS}[5m])) / (sum(rate({PROFILE_REQUESTS}[5m])) > 0)", "hits"),),
        unit="percentunit",
        help="A fall means many customers seen for the first time, or a restart; both sources then work harder.",
    ),
    Panel(
        "Average profile enrichment time",
        (Query(f"sum(rate({ENRICHMENT.sum}[5m])) / (sum(rate({ENRICHMENT.count}[5m])) > 0)", "mean"),),
        unit="s",
        help="The time of both sources together, cache hits left out. A rise points to the slower source.",
    ),
    Panel(
        "Data source health",
        (Query(f"avg by (source) ({SOURCE_UP})", "{{source}}"),),
        unit="bool",
        kind="stat",
        help="The share of instances that reach the source. DataSourceDown rings at one half.",
    ),
)

CUSTOMER_PROFILE = Service(
    name=NAME,
    team=DATA.name,
    port=8081,
    because="Nobody sees who a customer is or what they bought: offers and service go blind.",
    signals=(PROFILE_REQUESTS, CACHE_HITS, ENRICHMENT, SOURCE_UP),
    objectives=OBJECTIVES,
    alerts=(DATA_SOURCE_DOWN,),
    panels=PANELS,
    traffic=Traffic(rps=4, errors=0.0002, p50=0.01, p95=0.06, routes=(ROUTE,)),
    behaviour=(
        Flow(PROFILE_REQUESTS, 4),
        Flow(CACHE_HITS, 2),
        Spread(ENRICHMENT, 2, p50=0.01, p95=0.06),
        Level(SOURCE_UP.where(source=LIGHTSPEED), 1),
        Level(SOURCE_UP.where(source=BIGQUERY), 1),
    ),
    app="services.customer_profile.app:app",
    visitor="services.customer_profile.visitor:visit",
)
