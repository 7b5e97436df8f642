from __future__ import annotations

from pathlib import Path

import pytest

from tocsin import targets
from tocsin.derive import derive
from tocsin.model import Catalog, TocsinError
from tocsin.model.surroundings import Surroundings
from tocsin.stack import alertmanager, ports, secrets
from tocsin.stack.inbox.keys import load_keys
from tocsin.stack.setup import INBOX, Setup, usual_ports


@pytest.fixture
def setup(catalog: Catalog, tmp_path: Path) -> Setup:
    plan = derive(catalog)
    free = ports.free(usual_ports(plan, Surroundings()))
    setup = Setup(plan=plan, root=tmp_path, folder=tmp_path, ports=free)
    for artifact in targets.build(plan, setup.site):
        path = setup.configuration / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(artifact.text)
    secrets.write(setup)
    return setup


def test_the_inbox_knows_the_keys_that_alertmanager_uses(setup: Setup) -> None:
    keys = load_keys(secrets.known_to_inbox(setup))["shop"]
    assert (setup.secrets / "shop-pagerduty-key").read_text() == keys.pagerduty
    assert (setup.secrets / "shop-slack-url").read_text() == setup.url(INBOX) + keys.slack
    alertmanager.check(setup)


@pytest.mark.parametrize("name", ["shop-pagerduty-key", "shop-slack-url", "heartbeat-token"])
def test_a_missing_key_is_found_though_amtool_passes_it(setup: Setup, name: str) -> None:
    (setup.secrets / name).unlink()
    with pytest.raises(TocsinError, match=f"needs the secret file .*/{name}, which is missing"):
        alertmanager.check(setup)


def test_a_configuration_that_amtool_refuses_is_one_sentence(setup: Setup) -> None:
    (setup.configuration / "alertmanager" / "alertmanager.yml").write_text("route: {}\n")
    with pytest.raises(TocsinError, match=r"^amtool refuses .*alertmanager.yml: "):
        alertmanager.check(setup)
