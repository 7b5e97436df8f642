"""The options that every benchmark takes."""

from __future__ import annotations

import argparse


def options(default: float, kinds: tuple[str, ...] = ()) -> argparse.Namespace:
    """Return what the command line says: *seconds*, *into*, and which of *kinds* where there are several."""
    parser = argparse.ArgumentParser()
    if kinds:
        parser.add_argument("kind", choices=kinds)
    parser.add_argument("--seconds", type=float, default=default, help="about how long to measure")
    parser.add_argument("--into", help="a file for the result, as JSON")
    return parser.parse_args()
