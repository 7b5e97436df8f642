from __future__ import annotations

import os
import socket

import pytest

from tocsin.model import TocsinError
from tocsin.stack import ports


def test_an_offset_moves_every_port() -> None:
    assert ports.shifted({"inbox": 9095, "checkout": 8000}, 100) == {"inbox": 9195, "checkout": 8100}


@pytest.mark.parametrize("offset", [-8000, 56_441])
def test_an_offset_out_of_range_names_the_range(offset: int) -> None:
    with pytest.raises(TocsinError, match=r"choose one from -7999 to 56440\.$"):
        ports.shifted({"inbox": 9095, "checkout": 8000}, offset)


def test_free_ports_are_free_and_differ() -> None:
    found = ports.free(f"part{number}" for number in range(50))
    assert len(set(found.values())) == 50
    ports.require_free(found)


def test_every_taken_port_is_named_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        wanted = {"inbox": one.getsockname()[1], "checkout": other.getsockname()[1]}
        with pytest.raises(TocsinError) as refusal:
            ports.require_free(wanted)
    said = str(refusal.value)
    assert said.startswith(f"Port {wanted['inbox']} (inbox) is taken by ")
    assert f", port {wanted['checkout']} (checkout) is taken by " in said
    assert said.count(f"(pid {os.getpid()})") == 2


def test_a_wildcard_listener_takes_the_port_too() -> None:
    with socket.create_server(("", 0)) as taken, pytest.raises(TocsinError, match="is taken by"):
        ports.require_free({"inbox": taken.getsockname()[1]})
