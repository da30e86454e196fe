"""What an HTTP answer means for a page: it can be read, it may come later, or it ends."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from requests import Response

from services.fetcher.answer.walls import challenge_end, is_challenge
from services.fetcher.wire.failures import Failure
from services.fetcher.wire.sniffing import is_gzip, looks_like_text
from shared.contracts import Reason
from shared.errors import Drop

LATER = {
    408: Reason.TIMEOUT,
    425: Reason.HTTP_4XX,
    429: Reason.HTTP_429,
    **dict.fromkeys((500, 502, 503, 504, *range(520, 525)), Reason.HTTP_5XX),
}
ENDS = {
    304: Reason.NOT_MODIFIED,
    401: Reason.HTTP_401,
    403: Reason.HTTP_403,
    404: Reason.HTTP_404,
    410: Reason.HTTP_410,
    451: Reason.HTTP_451,
}
# Statuses with which a host says that it has had too much.
OVERLOADED = frozenset({429, 503})
# A Retry-After of more than a day is taken for a day.
MAX_RETRY_SECONDS = 86_400.0
_SECONDS = re.compile(
    r'["+]?(\d{1,12}+(?:\.\d{1,12}+)?+)\s*+(s(?:ec(?:ond)?s?)?|m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?)?(?=["\s,;]|$)',
    re.IGNORECASE,
)
_UNITS = {"s": 1, "m": 60, "h": 3_600}
# So many seconds are an instant, counted from 1970.
_LEAST_INSTANT = 1_000_000_000
_ESSENCE = re.compile(r"[\w.+-]{1,100}+/[\w.+-]{1,100}+", re.ASCII)

TEXT = frozenset(
    "text/html text/plain text/xml text/rss text/atom text/json application/xhtml application/xml application/rss "
    "application/atom application/json application/x-rss application/rdf".split()
)
# What is hardly ever text, and large: it is downloaded only where its beginning is a listing's. The content decides.
BINARY = (
    "image/", "audio/", "video/", "font/", "model/", "application/pdf", "application/zip", "application/x-zip",
    "application/vnd.", "application/msword", "application/x-shockwave", "application/java-archive",
)  # fmt: skip


def judge(answer: Response) -> None:
    """Returns if the answer holds what was asked for.

    Raises:
        Failure: the server may do better later; with its Retry-After.
        Drop: the status ends the page, or it is a challenge instead of a page.
    """
    if is_challenge(answer):
        raise challenge_end(answer.status_code)
    if answer.ok and answer.status_code < 300:
        return
    if reason := LATER.get(answer.status_code):
        raise Failure(reason, f"HTTP {answer.status_code}", retry_after(answer))
    raise Drop(end_of(answer.status_code), f"HTTP {answer.status_code}")


def end_of(status: int) -> Reason:
    """Returns the name of a status that ends a page."""
    families = {4: Reason.HTTP_4XX, 5: Reason.HTTP_5XX}
    return ENDS.get(status) or families.get(status // 100, Reason.HTTP_OTHER)


def retry_after(answer: Response) -> float | None:
    """Returns the seconds of a Retry-After header in either form, up to a day; None without one that can be read.

    Servers also write `90.5`, `"90"`, `90 seconds`, `2 minutes`, two values, dates in ISO 8601, and the instant in
    seconds since 1970.
    """
    value = answer.headers.get("Retry-After", "").strip()
    now = datetime.now(UTC)
    if match := _SECONDS.match(value):
        number = float(match[1]) * _UNITS[(match[2] or "s")[0].lower()]
        seconds = number - now.timestamp() if number >= _LEAST_INSTANT else number
    elif date := _date(value):
        seconds = (date - now).total_seconds()
    else:
        return None
    return min(max(seconds, 0.0), MAX_RETRY_SECONDS)


def _date(value: str) -> datetime | None:
    """Returns a date in one of the three forms of RFC 9110 §5.6.7, or in ISO 8601; without a time zone it is in UTC."""
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        with suppress(ValueError, OverflowError):
            date = parse(value)
            return date if date.tzinfo else date.replace(tzinfo=UTC)
    return None


def media_type(answer: Response) -> str | None:
    """Returns the declared media type without parameters, of several the last that is one; None without any."""
    types = [declared for part in answer.headers.get("Content-Type", "").split(",") if (declared := _essence(part))]
    return types[-1] if types else None


def _essence(content_type: str) -> str | None:
    """The type/subtype of one Content-Type value, whatever stands around it before the first semicolon."""
    essence = _ESSENCE.search(content_type.partition(";")[0].lower())
    return essence[0] if essence else None


def is_html(answer: Response) -> bool:
    """Whether an answer holds what a browser shows as a page."""
    return media_type(answer) in ("text/html", "application/xhtml+xml")


def charset(answer: Response) -> str | None:
    """Returns the charset parameter of the Content-Type header; the parser reads what the page itself declares."""
    match = re.search(r"""charset\s*=\s*["']?([^\s"';,]+)""", answer.headers.get("Content-Type", ""), re.IGNORECASE)
    return match[1].lower() if match else None


def is_text(declared_type: str | None) -> bool:
    """Whether a media type is one of an article, a listing or a feed."""
    if declared_type is None:
        return False
    return declared_type in TEXT or (
        declared_type.endswith(("+xml", "+json")) and not declared_type.startswith("image/")
    )


def is_binary(declared_type: str | None) -> bool:
    """Whether a media type is one of pictures, sound, archives and the like."""
    return declared_type is not None and declared_type.startswith(BINARY) and not is_text(declared_type)


def check_content(answer: Response, content: bytes) -> None:
    """Returns if a body can be read: because it is declared as text, or because it begins like text or a gzip file.

    Raises:
        Drop: NOT_TEXT.
    """
    declared_type = media_type(answer)
    if not (is_text(declared_type) or looks_like_text(content) or is_gzip(content)):
        raise Drop(Reason.NOT_TEXT, f"media type {declared_type or 'none'}, begins with {content[:8]!r}")
