"""Recommendations: `GET /recommendations/{customer_id}`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import FastAPI, Query

import tocsin
from services import shop
from services.si_recommendations.engine import Engine
from services.si_recommendations.monitoring import (
    COLLABORATIVE_HITS,
    CONFIDENCE,
    FALLBACKS,
    SERVED,
    SI_RECOMMENDATIONS,
)

app = FastAPI(title="Recommendations")
obs = tocsin.observe(app, SI_RECOMMENDATIONS)
engine = Engine(shop.PRODUCTS, shop.history())


@app.get("/recommendations/{customer_id}")
async def recommendations(customer_id: int, limit: Annotated[int, Query(ge=1, le=20)] = 5) -> dict[str, Any]:
    """Return products that a customer may like; one whom we do not know gets the popular ones."""
    found = engine.recommend(customer_id, limit)
    for recommendation in found:
        obs.count(SERVED)
        obs.record(CONFIDENCE, recommendation.confidence)
        obs.count(COLLABORATIVE_HITS if recommendation.source == "collaborative" else FALLBACKS)
    return {"customer_id": customer_id, "recommendations": [asdict(recommendation) for recommendation in found]}


@app.get("/model")
async def model() -> dict[str, int]:
    """Tell what the engine learnt from."""
    return {"customers": engine.customers, "products": len(engine.products), "purchases": engine.purchases}


def engine_has_learnt() -> bool:
    """Tell whether there were purchases to learn from."""
    return engine.purchases > 0


obs.ready("engine", engine_has_learnt)
obs.log.info("Engine has learnt", customers=engine.customers, purchases=engine.purchases)
