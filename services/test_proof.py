"""Every alert of the five services is proved, and the README shows it."""

from __future__ import annotations

import pytest

from services.catalog import CATALOG
from tocsin import source
from tocsin.cli.proofs import picture
from tocsin.cli.prove import MEMORIES
from tocsin.derive import derive
from tocsin.proof.proving import Proof, book, prove, stages
from tocsin.proof.theatre import Theatre
from tocsin.stack import tools
from tocsin.targets import PRODUCTION

ROOT = source.project_root()
PLAN = derive(CATALOG)


def proof(*names: str) -> Proof:
    """Return a proof, with what the clone's own memory knows of it."""
    theatre = Theatre(tools.find("promtool"), ROOT / MEMORIES)
    rules = book(PLAN, PRODUCTION)
    return prove(theatre, stages(PLAN, rules, names), stages(PLAN, rules), lambda _, __: None)


@pytest.mark.timeout(900)  # some 800 rehearsals, where none of them is remembered
def test_every_alert_is_proved() -> None:
    found = proof()
    assert found.problems == ()
    promised = {alert.name for service in CATALOG.services for alert in service.alerts}
    assert promised <= {subject.split("/")[1] for subject in found.proved}
    assert len(found.proved) == len([rule for rule in PLAN.alerts if rule.rings])


@pytest.mark.timeout(900)
def test_the_picture_in_the_readme_shows_what_is_proved() -> None:
    drawn = (ROOT / "docs/pictures/proof.svg").read_text(encoding="utf-8")
    assert drawn == picture.render(proof("voice-commerce")), "run `make docs`"
