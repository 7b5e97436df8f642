"""LOOKS: at folders and running systems, and returns a frozen Observation."""

from tocsin.live.files import look_into, text
from tocsin.live.folders import look

__all__ = ["look", "look_into", "text"]
