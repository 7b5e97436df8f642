"""LOOKS: at folders and running systems, and returns a frozen Observation."""

from tocsin.live.exposed import look_at
from tocsin.live.files import look_into, text
from tocsin.live.folders import look
from tocsin.live.prometheus import LOCAL, ask
from tocsin.live.scenarios import read_scenarios

__all__ = ["LOCAL", "ask", "look", "look_at", "look_into", "read_scenarios", "text"]
