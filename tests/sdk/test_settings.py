from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.sdk.conftest import VARIABLES
from tocsin import DeclarationError
from tocsin.sdk.settings import Settings

PAGE = Path(__file__).parents[2] / "docs/settings.md"


class Asked(Mapping[str, str]):
    """An empty environment that remembers what it was asked for."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        raise AssertionError("Variables are asked for by name.")

    def __len__(self) -> int:
        return 0


def documented() -> set[str]:
    return set(re.findall(r"^\| `([A-Z_]+)`", PAGE.read_text(), re.MULTILINE))


def test_every_variable_is_documented_and_no_other() -> None:
    environ = Asked()
    Settings.read(environ, terminal=False)
    assert environ.names == documented()


def test_the_tests_of_the_sdk_forget_every_variable() -> None:
    assert documented() <= set(VARIABLES)


def test_nothing_is_production_unless_told() -> None:
    assert Settings.read({}, terminal=False) == Settings()
    assert Settings().environment == "development"
    assert Settings.read({"TOCSIN_ENVIRONMENT": "production"}, terminal=False).environment == "production"


def test_cloud_run_says_which_version_it_is_unless_somebody_does() -> None:
    cloud = {"K_REVISION": "shop-00042-abc"}
    assert Settings.read(cloud, terminal=False).version == "shop-00042-abc"
    assert Settings.read({**cloud, "SERVICE_VERSION": "1.2"}, terminal=False).version == "1.2"


def test_values_are_read() -> None:
    read = Settings.read(
        {
            "LOG_LEVEL": "debug",
            "TOCSIN_DRAIN": "2.5",
            "TOCSIN_METRICS_PORT": "9100",
            "TOCSIN_METRICS_TOKEN": "t",
            "TOCSIN_PUSH": "otlp+http://h",
            "TOCSIN_PUSH_TIMEOUT": "1",
        },
        terminal=True,
    )
    assert (read.level, read.format, read.drain, read.metrics_port) == (logging.DEBUG, "console", 2.5, 9100)
    assert (read.metrics_token, read.push, read.push_timeout) == ("t", "otlp+http://h", 1)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LOG_LEVEL", "loud", "LOG_LEVEL='loud' is no level: set one of DEBUG"),
        ("LOG_FORMAT", "xml", "LOG_FORMAT='xml' is no form of logs: set json or console."),
        ("TOCSIN_DRAIN", "nan", "TOCSIN_DRAIN='nan' is no time: set seconds, from 0 to 3600."),
        ("TOCSIN_DRAIN", "4000", "TOCSIN_DRAIN='4000' is no time"),
        ("TOCSIN_METRICS_PORT", "65536", "TOCSIN_METRICS_PORT='65536' is no port: set a number from 1 to 65535."),
        ("TOCSIN_METRICS_PORT", "-1", "TOCSIN_METRICS_PORT='-1' is no port"),
        ("TOCSIN_METRICS_TOKEN_FILE", "/nowhere", "TOCSIN_METRICS_TOKEN_FILE='/nowhere' cannot be read"),
        ("TOCSIN_METRICS_TOKEN_FILE", "/dev/null", "TOCSIN_METRICS_TOKEN_FILE='/dev/null' is empty"),
    ],
)
def test_a_value_that_means_nothing_is_refused_in_a_sentence(name: str, value: str, sentence: str) -> None:
    with pytest.raises(DeclarationError, match=re.escape(sentence)):
        Settings.read({name: value}, terminal=False)
