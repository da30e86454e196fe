"""deploy/local.env: every setting with its description and its default, written from the fields (`make docs`)."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from services.courier.settings import CourierSettings
from services.fetcher.settings import FetcherSettings
from services.parser.settings import ParserSettings
from services.reader.settings import ReaderSettings
from services.scheduler.settings import SchedulerSettings
from services.storage.settings import StorageSettings
from shared.settings import DatabaseSettings, Settings

FILE = Path(__file__).parents[1] / "deploy" / "local.env"
GROUPS: dict[str, type[Settings]] = {
    "every service": Settings,
    "with the database": DatabaseSettings,
    "fetcher": FetcherSettings,
    "parser": ParserSettings,
    "storage": StorageSettings,
    "scheduler": SchedulerSettings,
    "reader": ReaderSettings,
    "courier": CourierSettings,
}
HEAD = """\
# Every variable that Newsmill reads, with its default; `make docs` writes this file from the settings. A secret may also
# be a file of the variable's name in lower case in /run/secrets, as docker compose mounts it.
"""
FOOT = """
# -- prometheus_client's own: where forked parsers keep their metrics; an empty folder at start
PROMETHEUS_MULTIPROC_DIR=
"""


def render() -> str:
    """Returns the file's text."""
    return HEAD + "".join(f"\n# -- {name}\n" + "".join(_lines(kind)) for name, kind in GROUPS.items()) + FOOT


def main() -> None:
    """Writes the file anew."""
    FILE.write_text(render())


def _lines(kind: type[Settings]) -> Iterator[str]:
    """Yields two lines for each field that a class adds to its base: the description and the default."""
    inherited = {name for base in kind.__mro__[1:] if issubclass(base, Settings) for name in base.model_fields}
    for name, field in kind.model_fields.items():
        if name not in inherited:
            yield f"# {field.description}\nNEWSMILL_{name.upper()}={_default(field.default)}\n"


def _default(value: Any) -> str:
    """Returns a default as the environment holds it."""
    if value is None:
        return ""
    if isinstance(value, bool | list | tuple):
        return json.dumps(value, separators=(",", ":"))
    return str(value)


if __name__ == "__main__":
    main()
