"""What the pages of the checks show as bad is found, and what they show as good is not."""

from __future__ import annotations

import pytest

from tests.checks.pages import judged, language
from tocsin.checks import CHECKS

FRAGMENT = {"alert/no-runbook"}
"""What an example may lack, since its page is about something else."""

OTHERS = [check for check in sorted(CHECKS) if language(check) != "promql"]


@pytest.mark.parametrize("check", OTHERS)
def test_the_bad_example_is_found(check: str) -> None:
    assert check in judged(check, "Bad")


@pytest.mark.parametrize("check", OTHERS)
def test_nothing_is_found_in_the_good_example(check: str) -> None:
    assert judged(check, "Good") - (FRAGMENT - {check}) == set()
