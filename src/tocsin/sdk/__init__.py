"""SPEAKS: metrics and logs of a service, from within its process."""

from tocsin.sdk.jobs import job
from tocsin.sdk.observer import Observer, observe

__all__ = ["Observer", "job", "observe"]
