"""`python -m tocsin.cli`, for those who have no `tocsin` beside their Python."""

from __future__ import annotations

from tocsin.cli import main

main()
