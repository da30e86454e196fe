"""What persons change of sites and channels, and which declaration counts beside it."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.contracts import DISCOVERY, ChannelChanged, SiteChanged, now_utc
from shared.database.models import Site, Source

FILE = "file"


def edit(row: Site | Source, change: SiteChanged | ChannelChanged, *columns: str) -> None:
    """Writes the columns that a person changes, and notes them: from then on no declaration changes them.

    What they held before is kept in `undo`, with the trace of the change: a change that is delivered again changes nothing.
    An undo writes that back, and what it replaces can be written back in its turn.
    """
    if row.undo and row.undo["change"] == change.trace_id:
        return
    if change.undo:
        _undo(row, change)
        return
    changes = {name: _stored(getattr(change, name)) for name in columns if getattr(change, name) is not None}
    values = changes | dict.fromkeys(change.cleared)
    if not values:
        return
    _write(row, change, values, sorted({*row.edits, *values}))


def _undo(row: Site | Source, change: SiteChanged | ChannelChanged) -> None:
    if row.undo:
        _write(row, change, row.undo["values"], row.undo["edits"])


def _write(
    row: Site | Source, change: SiteChanged | ChannelChanged, values: Mapping[str, Any], edits: Sequence[str]
) -> None:
    before = {name: getattr(row, name) for name in values}
    row.undo = {"change": change.trace_id, "values": before, "edits": row.edits}
    for name, value in values.items():
        setattr(row, name, value)
    row.edits = list(edits)
    row.changed_by, row.changed_at = change.actor, now_utc()


def declare(row: Site | Source, values: Mapping[str, Any], declared_by: str) -> None:
    """Writes declared columns, but for those that a person changed.

    Discovery changes only what nobody else declared. What a person declared stays a person's, though a file lists it too.
    """
    if declared_by == DISCOVERY != row.declared_by:
        return
    for name, value in values.items():
        if name not in row.edits and getattr(row, name) != value:
            setattr(row, name, value)
    if row.declared_by in (FILE, DISCOVERY):
        row.declared_by = declared_by


def _stored(value: Any) -> Any:
    """Returns a value as its column holds it: JSON has lists."""
    return list(value) if isinstance(value, tuple) else value
