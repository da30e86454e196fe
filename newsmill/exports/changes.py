"""Articles that have changed since the last export, and the file that says where that was."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session

from services.reader.queries.changes import BEGINNING, changed
from services.reader.queries.news import Filter
from shared.database.models import Article
from shared.errors import SettingsError

Record = dict[str, Any]


class ChangedArticles:
    """Yields records of articles by their changes, oldest first; `place` is how far it has got.

    Args:
        engine: of the database.
        place: after which it begins.
        conditions: which articles, and how many are read at a time.
        records: makes records of rows.
    """

    def __init__(
        self,
        engine: Engine,
        place: int,
        conditions: Filter,
        records: Callable[[Session, Sequence[Article]], list[Record]],
    ) -> None:
        self._engine, self._conditions, self._records = engine, conditions, records
        self.place = place

    def __iter__(self) -> Iterator[Record]:
        while True:
            with Session(self._engine) as session:
                changes = changed(session, self.place, self._conditions)
                batch = self._records(session, changes.articles)
            yield from batch
            self.place = changes.place
            if len(batch) < self._conditions.limit:
                return


def read_place(state: Path) -> int:
    """Returns the place that a state file has; the beginning where there is no file.

    Raises:
        SettingsError: it is no state file.
    """
    if not state.exists():
        return BEGINNING
    try:
        return int(json.loads(state.read_text())["articles"])
    except (ValueError, KeyError, TypeError):
        raise SettingsError(
            f"{state}: no state of an export; name another file, or remove it to export everything"
        ) from None


def write_place(state: Path, place: int) -> None:
    """Replaces a state file, as a whole."""
    draft = state.with_name(f".{state.name}.draft")
    draft.write_text(json.dumps({"articles": place}) + "\n")
    draft.replace(state)
