"""SPEAKS: metrics and logs of a service, from within its process."""

from tocsin.sdk.jobs import job
from tocsin.sdk.observer import Observer, observe
from tocsin.sdk.outgoing import propagate, trace_headers

__all__ = ["Observer", "job", "observe", "propagate", "trace_headers"]
