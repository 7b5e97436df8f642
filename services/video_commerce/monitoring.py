"""What video commerce promises; its metrics come from beacons that the page sends.

The bounds of the Web Vitals are those that web.dev calls good, at the 75th percentile.
"""

from services.teams import STOREFRONT
from tocsin import (
    Alert,
    Availability,
    Counter,
    Errors,
    Events,
    Flow,
    Histogram,
    Label,
    Latency,
    Panel,
    Query,
    Ratio,
    Scale,
    Service,
    Spread,
    Traffic,
)

REASONS = ("aborted", "network", "decode", "unsupported")

PLAYBACK_STARTS = Counter("video_playback_starts_total", "Playbacks that a viewer asked for.")
PLAYBACK_FAILURES = Counter(
    "video_playback_failures_total", "Playbacks that broke, by the player's reason.", (Label("reason", REASONS),)
)
FIRST_FRAME = Histogram(
    "video_first_frame_seconds",
    "Time from asking for a playback to its first frame.",
    buckets=(0.1, 0.25, 0.5, 1, 2, 4, 8, 16),
)
REBUFFER_RATIO = Histogram(
    "video_rebuffer_ratio",
    "Share of a playback's time that it stood still to load, from 0 to 1.",
    buckets=(0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1),
)
CART_ADDITIONS = Counter("video_cart_additions_total", "Products put into the cart from a video.")
LCP = Histogram(
    "web_vitals_lcp_seconds", "Largest Contentful Paint of the page.", buckets=(0.5, 1, 1.5, 2, 2.5, 3, 4, 6, 10)
)
INP = Histogram(
    "web_vitals_inp_seconds", "Interaction to Next Paint of the page.", buckets=(0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2)
)
CLS = Histogram(
    "web_vitals_cls_score", "Cumulative Layout Shift of the page.", buckets=(0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1)
)

PLAYBACK_FAILING = Alert(
    "PlaybackFailing",
    when=f"sum(rate({PLAYBACK_FAILURES}[10m])) / sum(rate({PLAYBACK_STARTS}[10m])) > 0.1",
    at_least=Events(PLAYBACK_STARTS, 30, "10m"),
    lasting="2m",
    within="13m",
    severity="warning",
    summary="{{ $value | humanizePercentage }} of the playbacks break",
    because="Viewers press play and see no video, so they buy nothing from it.",
    rings_on=(Scale(PLAYBACK_FAILURES, 100), Errors(0.12, PLAYBACK_FAILURES, PLAYBACK_STARTS)),
    quiet_on=Errors(0.08, PLAYBACK_FAILURES, PLAYBACK_STARTS),
    not_before="2m",
    runbook="runbooks/playback-failing.md",
)

OBJECTIVES = (
    Availability(0.995, because="Viewers cannot open the page."),
    Latency(0.95, below=2, because="The page comes late."),
    Ratio(
        name="playback",
        ratio=0.98,
        bad=PLAYBACK_FAILURES,
        total=PLAYBACK_STARTS,
        because="Viewers press play and see no video.",
    ),
    Latency(0.95, below=4, of=FIRST_FRAME, name="first-frame", because="Viewers wait for the first frame."),
    Latency(
        0.75, below=2.5, of=LCP, name="largest-contentful-paint", because="The page stays empty longer than is good."
    ),
)

PANELS = (
    Panel(
        "Playback starts per minute",
        (Query(f"sum(rate({PLAYBACK_STARTS}[5m])) * 60", "starts"),),
        unit="cpm",
        help="Follows the viewers' day. Page views without starts: the page's script or its beacons are broken.",
    ),
    Panel(
        "Playback failure rate by reason",
        (
            Query(
                f"sum by (reason) (rate({PLAYBACK_FAILURES}[5m])) "
                f"/ on () group_left () (sum(rate({PLAYBACK_STARTS}[5m])) > 0)",
                "{{reason}}",
            ),
        ),
        unit="percentunit",
        objective="playback",
        help="PlaybackFailing rings above 10 %. decode and unsupported point to the clip, network to the way to it.",
    ),
    Panel(
        "Time to first frame",
        tuple(
            Query(f"histogram_quantile({quantile}, sum by (le) (rate({FIRST_FRAME.bucket}[5m])))", legend)
            for quantile, legend in ((0.5, "P50"), (0.95, "P95"))
        ),
        unit="s",
        objective="first-frame",
        help="The promise is P95 below 4 s. A rise with a calm server is the network's or the clip's.",
    ),
    Panel(
        "Average rebuffer ratio",
        (Query(f"sum(rate({REBUFFER_RATIO.sum}[5m])) / (sum(rate({REBUFFER_RATIO.count}[5m])) > 0)", "mean"),),
        unit="percentunit",
        help="Above 2 % viewers leave. Lower the bit rate of the clip, or bring it nearer to them.",
    ),
    Panel(
        "Add-to-cart rate",
        (Query(f"sum(rate({CART_ADDITIONS}[1h])) / (sum(rate({PLAYBACK_STARTS}[1h])) > 0)", "additions a playback"),),
        unit="percentunit",
        help="What the videos are for. A fall with healthy playbacks: look at the overlay on a telephone.",
    ),
    Panel(
        "Largest Contentful Paint",
        (Query(f"histogram_quantile(0.75, sum by (le) (rate({LCP.bucket}[5m])))", "P75"),),
        unit="s",
        objective="largest-contentful-paint",
        help="Good is P75 at most 2.5 s; above 4 s it is poor.",
    ),
    Panel(
        "Interaction to Next Paint",
        (Query(f"histogram_quantile(0.75, sum by (le) (rate({INP.bucket}[5m])))", "P75"),),
        unit="s",
        help="Good is P75 at most 0.2 s; above 0.5 s it is poor.",
    ),
    Panel(
        "Cumulative Layout Shift",
        (Query(f"histogram_quantile(0.75, sum by (le) (rate({CLS.bucket}[5m])))", "P75"),),
        unit="short",
        help="Good is P75 at most 0.1; above 0.25 it is poor.",
    ),
)

VIDEO_COMMERCE = Service(
    name="video-commerce",
    team=STOREFRONT.name,
    port=8084,
    because="Viewers cannot watch, and buy nothing from what they watch.",
    public_url="https://video.tocsin.example/",
    signals=(
        PLAYBACK_STARTS,
        PLAYBACK_FAILURES,
        FIRST_FRAME,
        REBUFFER_RATIO,
        CART_ADDITIONS,
        LCP,
        INP,
        CLS,
    ),
    objectives=OBJECTIVES,
    alerts=(PLAYBACK_FAILING,),
    panels=PANELS,
    traffic=Traffic(rps=3, errors=0.001, p50=0.01, p95=0.05),
    behaviour=(
        Flow(PLAYBACK_STARTS, 1.5),
        Flow(PLAYBACK_FAILURES.where(reason="network"), 0.012),
        Flow(PLAYBACK_FAILURES.where(reason="decode"), 0.003),
        Spread(FIRST_FRAME, 1.5, p50=0.6, p95=1.8),
        Spread(REBUFFER_RATIO, 1.5, p50=0.003, p95=0.02, at_most=1),
        Flow(CART_ADDITIONS, 0.1),
        Spread(LCP, 2, p50=1.2, p95=2.4),
        Spread(INP, 2, p50=0.08, p95=0.2),
        Spread(CLS, 2, p50=0.02, p95=0.09),
    ),
    app="services.video_commerce.app:app",
    visitor="services.video_commerce.visitor:visit",
)
