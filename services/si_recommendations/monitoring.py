"""What the recommendations service promises."""

from services.teams import COMMERCE
from tocsin import (
    Alert,
    Availability,
    Counter,
    Events,
    Flow,
    Histogram,
    Latency,
    Mean,
    Panel,
    Query,
    Service,
    Shift,
    Spread,
    Traffic,
)

SERVED = Counter("recommendations_served_total", "Total number of recommendations served.")
CONFIDENCE = Histogram(
    "recommendation_confidence",
    "Confidence score of recommendations, from 0 to 1.",
    buckets=(0.1, 0.3, 0.5, 0.6, 0.7, 0.9, 1.0),
)
COLLABORATIVE_HITS = Counter(
    "recommendations_collaborative_total", "Recommendations that came from collaborative filtering."
)
FALLBACKS = Counter("recommendations_fallback_total", "Recommendations that came from the popular products.")

LOW_QUALITY = Alert(
    "LowRecommendationQuality",
    when=f"sum(rate({CONFIDENCE.sum}[30m])) / sum(rate({CONFIDENCE.count}[30m])) < 0.5",
    at_least=Events(SERVED, 50, "30m"),
    lasting="5m",
    within="36m",
    severity="warning",
    summary="The average confidence of recommendations over 30 minutes is below 0.5",
    because="Customers are shown products that they have no reason to like.",
    rings_on=(Shift(CONFIDENCE, 0.3), Shift(CONFIDENCE, 0.47)),
    quiet_on=Shift(CONFIDENCE, 0.53),
    not_before="15m",
    runbook="runbooks/low-recommendation-quality.md",
)

OBJECTIVES = (
    Availability(0.995, because="Customers see no recommendations."),
    Latency(0.95, below=3, because="Product pages wait for their recommendations."),
    Mean(CONFIDENCE, at_least=0.6, because="Recommendations are worse guesses than we promised."),
)

PANELS = (
    Panel(
        "Recommendations served per minute",
        (Query(f"sum(rate({SERVED}[5m])) * 60", "recommendations"),),
        unit="cpm",
        help="Follows the traffic of the shop. Requests without recommendations mean an engine without purchases.",
    ),
    Panel(
        "Average confidence score",
        (Query(f"sum(rate({CONFIDENCE.sum}[5m])) / (sum(rate({CONFIDENCE.count}[5m])) > 0)", "mean"),),
        unit="short",
        objective="quality",
        help="The promise is 0.6; LowRecommendationQuality rings below 0.5. Compare with the fallback rate.",
    ),
    Panel(
        "Collaborative filtering hit rate",
        (Query(f"sum(rate({COLLABORATIVE_HITS}[5m])) / (sum(rate({SERVED}[5m])) > 0)", "collaborative"),),
        unit="percentunit",
        help="The share of recommendations that similar purchases gave. It falls when purchases are missing.",
    ),
    Panel(
        "Fallback rate",
        (Query(f"sum(rate({FALLBACKS}[5m])) / (sum(rate({SERVED}[5m])) > 0)", "popular products"),),
        unit="percentunit",
        help="The share filled up with popular products. New customers raise it, and so does a stale model.",
    ),
)

SI_RECOMMENDATIONS = Service(
    name="si-recommendations",
    team=COMMERCE.name,
    port=8082,
    because="Product pages lose their recommendations, and with them a part of every basket.",
    signals=(SERVED, CONFIDENCE, COLLABORATIVE_HITS, FALLBACKS),
    objectives=OBJECTIVES,
    alerts=(LOW_QUALITY,),
    panels=PANELS,
    traffic=Traffic(rps=4, errors=0.001, p50=0.01, p95=0.05),
    behaviour=(
        Flow(SERVED, 16),
        Spread(CONFIDENCE, 16, p50=0.75, p95=0.9, at_most=1),
        Flow(COLLABORATIVE_HITS, 11),
        Flow(FALLBACKS, 3),
    ),
    app="services.si_recommendations.app:app",
    visitor="services.si_recommendations.visitor:visit",
)
