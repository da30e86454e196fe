"""Changes: what successive looks at a channel's listing say of its life, whatever its stories are first listed by.

A channel that only repeats what another lists first has no news of its own; but it changes, as long as it lives. Pure
functions: nothing is read or written here. Times are POSIX seconds, UTC.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, NamedTuple

HOUR = 3600
# The watch learns from them every few minutes; longer absences than this it leaves out.
REMEMBERED_HOURS = 48


class Changes(NamedTuple):
    """What is known of a channel's listing.

    Attributes:
        shown: a fingerprint of what it showed last, in any order.
        hours: the last hours since the epoch in which it changed.
        empty_since: when it was first seen empty; 0 while it is not, or has never shown anything.
        longest_empty: the longest time in seconds for which it was empty before.
    """

    shown: str = ""
    hours: tuple[int, ...] = ()
    empty_since: float = 0.0
    longest_empty: float = 0.0


def look(changes: Changes, at: float, shown: Iterable[str]) -> Changes:
    """Returns what is known after a look at a moment, at which a listing showed these addresses."""
    addresses = sorted(set(shown))
    fingerprint = sha256("\n".join(addresses).encode(errors="replace")).hexdigest()[:16] if addresses else ""
    if not addresses:
        began = changes.empty_since or at
        return changes._replace(shown="", empty_since=began if changes.shown or changes.empty_since else 0.0)
    return (
        _filled(changes, at)
        if fingerprint == changes.shown
        else change(_filled(changes, at), at)._replace(shown=fingerprint)
    )


def change(changes: Changes, at: float) -> Changes:
    """Returns what is known after something new has come by a channel at a moment."""
    hours = (*changes.hours, int(at // HOUR))
    return _filled(changes, at)._replace(hours=tuple(sorted(set(hours)))[-REMEMBERED_HOURS:])


def _filled(changes: Changes, at: float) -> Changes:
    empty = at - changes.empty_since if changes.empty_since else 0.0
    return changes._replace(empty_since=0.0, longest_empty=max(changes.longest_empty, empty))


def dump(changes: Changes) -> dict[str, Any]:
    """Returns what is known as JSON values."""
    return changes._asdict() | {"hours": list(changes.hours)}


def load(data: dict[str, Any] | None) -> Changes:
    """Returns what dump() kept; nothing is known of a channel without it."""
    return Changes(**data | {"hours": tuple(data["hours"])}) if data else Changes()
