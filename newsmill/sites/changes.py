"""Changes of sites and channels by a person at the command line: messages for the storage worker."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from newsmill.running_system import LocalSystem
from services.reader.queries import sites as site_rows
from shared.contracts import ChannelChanged, SiteChanged
from shared.database.models import Site, Source
from shared.errors import SettingsError

ACTOR = "cli"
# Fields whose options have other names.
_FIELDS = {
    "language": "languages", "tag": "tags", "least": "least_seconds", "most": "most_seconds",
    "revisit": "revisit_hours", "interval": "interval_seconds",
}  # fmt: skip
_LISTS = ("languages", "tags")


def row_of(session: Session, name: str) -> Site | Source:
    """Returns the site or channel that a name means.

    Raises:
        SettingsError: it means none, or several.
    """
    rows = site_rows.matching(session, name)
    if len(rows) == 1:
        return rows[0]
    if not rows:
        raise SettingsError(f"{name}: no site and no channel; `newsmill sites list` shows them")
    raise SettingsError(f"{name}: {len(rows)} sites; name one by its key: {', '.join(row.key for row in rows)}")


def changed_fields(options: Mapping[str, Any], cleared: Iterable[str]) -> dict[str, Any]:
    """Returns the fields of a change by the options of `newsmill sites edit`: those that are set, and those that are cleared."""
    fields = {_FIELDS.get(option, option): value for option, value in options.items() if value is not None}
    empty = [_FIELDS.get(option, option) for option in cleared]
    fields |= {field: () for field in empty if field in _LISTS}
    values = [field for field in empty if field not in _LISTS]
    return fields | ({"cleared": values} if values else {})


def request(system: LocalSystem, names: Iterable[str], fields: Mapping[str, Any]) -> list[Site | Source]:
    """Sends the change of each site or channel that is named, and returns their rows. All are looked up before the first is changed.

    Raises:
        SettingsError: a name means none or several, or a field or its value is wrong.
    """
    with system.session() as session:
        rows = [row_of(session, name) for name in names]
        system.sender(system.redis())([_message(row, fields) for row in rows])
    return rows


def _message(row: Site | Source, fields: Mapping[str, Any]) -> SiteChanged | ChannelChanged:
    """Returns the message of a change.

    Raises:
        SettingsError: nothing is changed, a field is of the other table, or its value is wrong.
    """
    kind: type[SiteChanged | ChannelChanged] = SiteChanged if isinstance(row, Site) else ChannelChanged
    foreign = [name for name in fields if name not in kind.model_fields]
    if foreign or not fields:
        noun = "site" if isinstance(row, Site) else "channel"
        problem = f"a {noun} has no {', '.join(foreign)}" if foreign else "nothing to change; see --help"
        raise SettingsError(f"{row.name}: {problem}")
    try:
        return kind.model_validate({**fields, "key": row.key, "actor": ACTOR, "via": ACTOR})
    except ValidationError as error:
        problems = "; ".join(f"{item['loc'][0]}: {item['msg']} (got {item['input']!r})" for item in error.errors())
        raise SettingsError(f"{row.name}: {problems}") from None
