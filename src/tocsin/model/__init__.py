"""NAMES: the asked nouns, frozen, typed, standard library only."""

from tocsin.model.alert import SEVERITIES, Alert, Events, Severity
from tocsin.model.builtin import (
    HTTP_DURATION,
    HTTP_IN_FLIGHT,
    HTTP_REQUESTS,
    JOB_DURATION,
    JOB_LAST_SUCCESS,
    JOB_RUNS,
    PROCESS,
    SCRAPE,
    UNMATCHED,
)
from tocsin.model.catalog import Catalog, Team
from tocsin.model.duration import duration, milliseconds, seconds
from tocsin.model.errors import DeclarationError, TocsinError
from tocsin.model.fault import Down, Errors, Fault, Scale, Shift, Silence, Slow, Vanish
from tocsin.model.hours import Hours
from tocsin.model.naming import TARGET_LABELS, slug, words
from tocsin.model.objective import PERIOD, Availability, Latency, Mean, Objective, Ratio
from tocsin.model.observation import Allowance, Observation, SeenBoard, SeenMetric, SeenPanel, SeenRule, Skipped
from tocsin.model.panel import Panel, Query
from tocsin.model.passage import Anchor, Passage, Place
from tocsin.model.service import SERIES, Service, Traffic
from tocsin.model.signal import (
    OTHER,
    Counter,
    Gauge,
    Histogram,
    Label,
    Matcher,
    Selector,
    Signal,
    le,
    matching,
    not_matching,
    other_than,
)

__all__ = [
    "HTTP_DURATION",
    "HTTP_IN_FLIGHT",
    "HTTP_REQUESTS",
    "JOB_DURATION",
    "JOB_LAST_SUCCESS",
    "JOB_RUNS",
    "OTHER",
    "PERIOD",
    "PROCESS",
    "SCRAPE",
    "SERIES",
    "SEVERITIES",
    "TARGET_LABELS",
    "UNMATCHED",
    "Alert",
    "Allowance",
    "Anchor",
    "Availability",
    "Catalog",
    "Counter",
    "DeclarationError",
    "Down",
    "Errors",
    "Events",
    "Fault",
    "Gauge",
    "Histogram",
    "Hours",
    "Label",
    "Latency",
    "Matcher",
    "Mean",
    "Objective",
    "Observation",
    "Panel",
    "Passage",
    "Place",
    "Query",
    "Ratio",
    "Scale",
    "SeenBoard",
    "SeenMetric",
    "SeenPanel",
    "SeenRule",
    "Selector",
    "Service",
    "Severity",
    "Shift",
    "Signal",
    "Silence",
    "Skipped",
    "Slow",
    "Team",
    "TocsinError",
    "Traffic",
    "Vanish",
    "duration",
    "le",
    "matching",
    "milliseconds",
    "not_matching",
    "other_than",
    "seconds",
    "slug",
    "words",
]
