"""What the page tells about itself, checked before it counts: everybody can send a beacon."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from services.video_commerce.monitoring import (
    CART_ADDITIONS,
    CLS,
    FIRST_FRAME,
    INP,
    LCP,
    PLAYBACK_FAILURES,
    PLAYBACK_STARTS,
    REBUFFER_RATIO,
)
from tocsin import Histogram, Observer

Seconds = Annotated[float, Field(ge=0, le=600, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Score = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]


class Event(BaseModel):
    """Something that happened on the page."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Start(Event):
    """A viewer asked for a playback."""

    type: Literal["start"]


class FirstFrame(Event):
    """The playback shows its first frame, so many seconds after it was asked for."""

    type: Literal["first_frame"]
    seconds: Seconds


class Failure(Event):
    """The playback broke; the reasons are those of the player's MediaError."""

    type: Literal["failure"]
    reason: Literal["aborted", "network", "decode", "unsupported"]


class Rebuffer(Event):
    """The playback ended; it stood still for this share of its time."""

    type: Literal["rebuffer"]
    ratio: Share


class CartAddition(Event):
    """A viewer put a product into the cart."""

    type: Literal["cart"]
    product_id: Annotated[int, Field(ge=1)]


class Vital(Event):
    """A timing of the page's Web Vitals, in seconds."""

    type: Literal["lcp", "inp"]
    seconds: Seconds


class LayoutShift(Event):
    """How much the page moved about."""

    type: Literal["cls"]
    score: Score


class Beacon(BaseModel):
    """What one page sends at once."""

    model_config = ConfigDict(extra="forbid", strict=True)

    events: Annotated[
        list[
            Annotated[
                Start | FirstFrame | Failure | Rebuffer | CartAddition | Vital | LayoutShift,
                Field(discriminator="type"),
            ]
        ],
        Field(min_length=1, max_length=50),
    ]


_VITALS: dict[str, Histogram] = {"lcp": LCP, "inp": INP}


def record(beacon: Beacon, obs: Observer) -> None:
    """Let the events of a beacon move the metrics."""
    for event in beacon.events:
        match event:
            case Start():
                obs.count(PLAYBACK_STARTS)
            case FirstFrame():
                obs.record(FIRST_FRAME, event.seconds)
            case Failure():
                obs.count(PLAYBACK_FAILURES, reason=event.reason)
                obs.log.warning("Playback failed", reason=event.reason)
            case Rebuffer():
                obs.record(REBUFFER_RATIO, event.ratio)
            case CartAddition():
                obs.count(CART_ADDITIONS)
                obs.log.info("Product put into the cart", product_id=event.product_id)
            case Vital():
                obs.record(_VITALS[event.type], event.seconds)
            case LayoutShift():
                obs.record(CLS, event.score)
