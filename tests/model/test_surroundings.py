from __future__ import annotations

from typing import Any

import pytest

from tocsin.model import TocsinError
from tocsin.model.surroundings import Companion, read

TILL = {"app": "till.app:app", "port": 8090}


def test_holes_are_filled_with_addresses_and_the_data_folder() -> None:
    texts = {"TILL": "{till}/v3", "STORE": "{data}/store.db", "PLAIN": "yes", "EVERY": "{1m30s}"}
    found = read({"companions": {"till": TILL}, "environment": {"checkout": texts}}, ("checkout",))
    assert found.companions == (Companion(name="till", app="till.app:app", port=8090),)
    assert found.of("checkout").named == ("till",)
    assert found.of("checkout").filled({"till": "http://127.0.0.1:1", "data": "/d"}) == {
        "TILL": "http://127.0.0.1:1/v3",
        "STORE": "/d/store.db",
        "PLAIN": "yes",
        "EVERY": "90",
    }
    assert found.of("checkout").filled({"till": "", "data": ""}, speed=60)["EVERY"] == "1.5"
    assert found.of("till").filled({}) == {}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"companions": 1}, "companions is 1: make it a table."),
        ({"companions": {"till": {"app": "till:app"}}}, "needs `app = "),
        ({"companions": {"till": {**TILL, "prot": 1}}}, "and no more."),
        ({"environment": {"chekout": {}}}, "is for nobody: name one of checkout."),
        ({"environment": {"checkout": {"A": 1}}}, "holds a value that is no text: write it in quotes."),
        (
            {"environment": {"checkout": {"A": "{till}"}}},
            "asks for {till}: name data, a time such as 15s, or one of checkout.",
        ),
        (
            {"environment": {"checkout": {"A": "{till}"}, "till": {"B": "{checkout}"}}, "companions": {"till": TILL}},
            "wait for each other",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(settings: dict[str, Any], sentence: str) -> None:
    with pytest.raises(TocsinError) as refusal:
        read(settings, ("checkout",))
    assert sentence in str(refusal.value)
