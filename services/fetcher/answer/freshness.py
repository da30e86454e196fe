"""How long an answer says that it stays fresh (RFC 9111 §4.2), so that nobody asks for it sooner."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from requests import Response

# RFC 9111 §1.2.2: a larger number of seconds is taken for this one.
MAX_SECONDS = 2**31
_NUMBER = re.compile(r"\d+")
# Servers also divide directives by semicolons.
_DIRECTIVE = re.compile(r'([\w-]+)(?:\s*=\s*("[^"]*"|[^\s,;"]+))?')
# Each says that the answer may be another one at the next request already.
_NEVER_FRESH = frozenset({"no-cache", "no-store"})


def fresh_seconds(answer: Response) -> int | None:
    """Returns for how many seconds an answer is fresh from now on; None if it does not say, or says not at all.

    `max-age` goes before `Expires`; `s-maxage` is for shared caches, and Newsmill is none. The time that the answer has
    spent in caches on its way (`Age`) has passed already.
    """
    directives = _directives(answer.headers.get("Cache-Control", ""))
    # With a value, no-cache is about the header fields that it names.
    if any(name in directives and not directives[name] for name in _NEVER_FRESH):
        return None
    max_age = _seconds(directives.get("max-age"))
    lifetime = max_age if max_age is not None else _until_expiry(answer)
    age = _seconds(answer.headers.get("Age", "").strip()) or 0
    return max(lifetime - age, 0) or None


def _directives(cache_control: str) -> dict[str, str]:
    """Returns the directives in small letters with their values; of one that comes twice, the first."""
    pairs = [(name.lower(), value.strip("\"'")) for name, value in _DIRECTIVE.findall(cache_control)]
    return dict(reversed(pairs))


def _seconds(value: str | None) -> int | None:
    """Returns a number of seconds; None if the value is none."""
    if value is None or not _NUMBER.fullmatch(value):
        return None
    return min(int(value), MAX_SECONDS) if len(value) < 20 else MAX_SECONDS


def _until_expiry(answer: Response) -> int:
    """Returns the seconds from `Date` to `Expires`. A date that cannot be read has passed (RFC 9111 §5.3)."""
    expires, date = _instant(answer.headers.get("Expires")), _instant(answer.headers.get("Date"))
    if expires is None:
        return 0
    return min(max(int((expires - (date or datetime.now(UTC))).total_seconds()), 0), MAX_SECONDS)


def _instant(value: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(value or "")
    except (ValueError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
