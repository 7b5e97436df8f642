"""What voice commerce promises."""

from services.teams import COMMERCE
from tocsin import (
    Alert,
    Availability,
    Counter,
    Events,
    Flow,
    Histogram,
    Label,
    Latency,
    Mean,
    Panel,
    Query,
    Scale,
    Service,
    Spread,
    Traffic,
)

ORDER, SEARCH, ORDER_STATUS, CANCEL, HELP, UNKNOWN = INTENTS = (
    "order",
    "search",
    "order_status",
    "cancel",
    "help",
    "unknown",
)

COMMANDS = Counter("voice_commands_total", "Total number of voice commands processed.", (Label("intent", INTENTS),))
ORDERS = Counter("orders_created_total", "Total number of orders created via voice.")
CONFIDENCE = Histogram(
    "intent_confidence",
    "Confidence score of intent extraction, from 0 to 1.",
    buckets=(0.1, 0.3, 0.5, 0.7, 0.9, 1.0),
)

TO_ORDER = COMMANDS.where(intent=ORDER)

CONVERSION_DROP = Alert(
    "VoiceConversionDrop",
    when=f"sum(rate({ORDERS}[1h])) / sum(rate({TO_ORDER}[1h])) < 0.1",
    at_least=Events(TO_ORDER, 20, "1h"),
    lasting="5m",
    within="65m",
    severity="warning",
    summary="Fewer than one in ten spoken orders became an order in the last hour",
    because="Customers speak, but hardly any order comes of it.",
    rings_on=(Scale(ORDERS, 0.02), Scale(ORDERS, 0.1)),
    quiet_on=Scale(ORDERS, 0.15),
    not_before="55m",
    runbook="runbooks/voice-conversion-drop.md",
)

OBJECTIVES = (
    Availability(0.995, because="Customers speak and nobody answers."),
    Latency(0.95, below=5, because="Customers wait in silence for an answer."),
    Mean(CONFIDENCE, at_least=0.7, name="accuracy", because="Customers are misunderstood."),
)

PANELS = (
    Panel(
        "Voice commands per minute",
        (Query(f"sum(rate({COMMANDS}[5m])) * 60", "commands"),),
        unit="cpm",
        help="Follows the customers' day. Zero with the service up: look at the speakers' side.",
    ),
    Panel(
        "Intent distribution",
        (Query(f"sum by (intent) (increase({COMMANDS}[1h])) > 0", "{{intent}}"),),
        unit="short",
        kind="piechart",
        help="The last hour. A growing share of unknown means that customers say what the classifier never learnt.",
    ),
    Panel(
        "Order conversion rate",
        (Query(f"sum(rate({ORDERS}[1h])) / (sum(rate({TO_ORDER}[1h])) > 0)", "voice to order"),),
        unit="percentunit",
        help="Orders created for each command that asked for one. VoiceConversionDrop rings below 10 %.",
    ),
    Panel(
        "Average intent confidence",
        (Query(f"sum(rate({CONFIDENCE.sum}[5m])) / (sum(rate({CONFIDENCE.count}[5m])) > 0)", "mean"),),
        unit="short",
        objective="accuracy",
        help="The promise is 0.7. It is the classifier's own word, no measured accuracy: read some commands too.",
    ),
)

VOICE_COMMERCE = Service(
    name="voice-commerce",
    team=COMMERCE.name,
    port=8083,
    because="Nobody can order by voice.",
    signals=(COMMANDS, ORDERS, CONFIDENCE),
    objectives=OBJECTIVES,
    alerts=(CONVERSION_DROP,),
    panels=PANELS,
    traffic=Traffic(rps=3, errors=0.001, p50=0.01, p95=0.05),
    behaviour=(
        Flow(COMMANDS.where(intent=ORDER), 0.9),
        Flow(COMMANDS.where(intent=SEARCH), 0.9),
        Flow(COMMANDS.where(intent=ORDER_STATUS), 0.6),
        Flow(COMMANDS.where(intent=CANCEL), 0.1),
        Flow(COMMANDS.where(intent=HELP), 0.2),
        Flow(COMMANDS.where(intent=UNKNOWN), 0.3),
        Flow(ORDERS, 0.8),
        Spread(CONFIDENCE, 3, p50=0.85, p95=0.97, at_most=1),
    ),
    app="services.voice_commerce.app:app",
    visitor="services.voice_commerce.visitor:visit",
)
