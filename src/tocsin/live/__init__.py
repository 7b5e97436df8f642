"""LOOKS: at folders and running systems, and returns a frozen Observation."""

from tocsin.live.folders import look

__all__ = ["look"]
