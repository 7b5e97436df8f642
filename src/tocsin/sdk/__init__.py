"""SPEAKS: metrics and logs of a service, from within its process."""

from tocsin.sdk.observer import Observer, observe

__all__ = ["Observer", "observe"]
