"""Bugsink's configuration, read in its own environment: one person on one machine, and no word to anybody else.

Source: Bugsink's own template for local use (bugsink-create-conf --template=local).
"""

from __future__ import annotations

import os
from pathlib import Path

from bugsink.settings.default import *  # noqa: F403 - Bugsink's configurations begin like this
from bugsink.settings.default import DATABASES

_FOLDER = Path(os.environ["BUGSINK_FOLDER"])

SECRET_KEY = (_FOLDER / "secret-key").read_text(encoding="utf-8")
DATABASES["default"]["NAME"] = str(_FOLDER / "bugsink.sqlite3")
DATABASES["snappea"]["NAME"] = str(_FOLDER / "tasks.sqlite3")
TIME_ZONE = "UTC"
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
SNAPPEA = {"TASK_ALWAYS_EAGER": True}  # no process of workers beside the server

BUGSINK = {
    "BASE_URL": os.environ["BUGSINK_URL"],
    "INGEST_STORE_BASE_DIR": str(_FOLDER / "ingestion"),
    "PHONEHOME": False,
    "SINGLE_TEAM": True,
    "SINGLE_USER": True,
    "USER_REGISTRATION": "CB_NOBODY",
}
