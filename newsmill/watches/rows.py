"""The watches that a person names at the command line, and what they say of receivers."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from sqlalchemy import Engine
from sqlmodel import Session

from services.reader.queries import watches
from services.reader.queries.watches import ShownDelivery
from shared.database.models import Watch
from shared.errors import SettingsError

LOOK_SECONDS = 0.2


def row_of(session: Session, name: str) -> Watch:
    """Returns the watch that a name or an id means.

    Raises:
        SettingsError: it means none, or several.
    """
    rows = watches.named(session, name)
    if len(rows) == 1:
        return rows[0]
    if not rows:
        raise SettingsError(f"{name}: no watch; `newsmill watch list` shows them")
    raise SettingsError(f"{name}: {len(rows)} watches; name one by its id: {', '.join(str(row.id) for row in rows)}")


def receivers(urls: Iterable[str], rhythm: str | None, hour: int | None, zone: str | None) -> list[dict[str, Any]]:
    """Returns receivers by their URLs, all told at the same time."""
    when = {"rhythm": rhythm, "hour": hour, "zone": zone}
    return [{"url": url} | {name: value for name, value in when.items() if value is not None} for url in urls]


def checked(kind: type[BaseModel], fields: Mapping[str, Any]) -> Any:
    """Returns what a person wishes as a model.

    Raises:
        SettingsError: a value is wrong. It is not repeated, since a URL may hold a password.
    """
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, item['loc']))} {item['msg']}".strip() for item in error.errors())
        raise SettingsError("; ".join(problems)) from None


def shown(session: Session, watch: Watch) -> dict[str, Any]:
    """Returns a watch as JSON values."""
    record = watches.watch(session, watch.id or 0)
    assert record is not None
    return record.model_dump(mode="json")


def ended(engine: Engine, watch_id: int, ids: Sequence[int], seconds: float) -> list[ShownDelivery]:
    """Returns deliveries once each was tried, or after so many seconds as they are."""
    deadline = time.monotonic() + seconds
    while True:
        with Session(engine) as session:
            tests = [item for item in watches.deliveries(session, watch_id, 200) if item.id in ids]
        if all(item.attempts for item in tests) or time.monotonic() > deadline:
            return tests
        time.sleep(LOOK_SECONDS)
