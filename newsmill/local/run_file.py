"""The file `run.json`, which `newsmill run` writes to its data folder and removes when it stops: for other commands."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RUN_FILE = "run.json"
PREFIX = "NEWSMILL_"


def read_record(path: Path) -> dict[str, Any] | None:
    """Returns what a run file holds; None if there is none."""
    try:
        record: dict[str, Any] = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return record


def run_record(reader_url: str, variables: Mapping[str, str]) -> dict[str, Any]:
    """Returns what the run file holds: addresses for other programs, and the settings by field name.

    Args:
        reader_url: address of the reader.
        variables: the environment of the services.
    """
    settings = {
        name.removeprefix(PREFIX).lower(): value for name, value in variables.items() if name.startswith(PREFIX)
    }
    return {
        "reader": reader_url, "redis": settings["redis_url"], "database": settings["database_url"],
        "pages": settings["pages_url"], "settings": settings,
    }  # fmt: skip
