"""The report of a look at a site as lines for a person."""

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlsplit

from newsmill.output import table
from shared.discovery.choice import Choice
from shared.discovery.report import FIELDS, ArticleSample, SiteReport
from shared.pace import duration

_COLUMNS = ("channel", "kind", "items", "newest", "a day", "only it", "polled")
_LONGEST = 60


def site_lines(report: SiteReport) -> Iterator[str]:
    """Yields the report of a site in lines."""
    language = f", {report.language}" if report.language else ""
    yield f"{report.home_page}  {report.name}{language}"
    if report.choices:
        yield from table([_COLUMNS, *(_row(choice, report) for choice in report.choices)])
    for choice in report.choices:
        yield f"  {_short(choice.channel.candidate.url, report)}: {choice.why}{_hub(choice)}"
    for candidate, reason in report.refusals:
        yield f"  not {_short(candidate.url, report)} ({candidate.clue.value}): {reason}"
    for wall in report.walls:
        yield f"  wall at {_short(wall.url, report)}: {wall.end}: {wall.detail[:200]}"
    if report.reserve:
        yield f"  {len(report.reserve)} more addresses were not asked for: {_short(report.reserve[0].url, report)}, …"
    if report.articles:
        yield from table([("article", "words", *FIELDS), *map(_article_row, report.articles)])
    yield from (f"  paywall at {sample.url}" for sample in report.articles if sample.paywalled)
    yield f"  {report.requests} requests for this look; {report.requests_a_day} a day for its polls"
    if report.error:
        yield f"  cannot be added: {report.error}"


def summary_line(report: SiteReport) -> str:
    """Returns the report of one site among many in a line."""
    if report.error:
        return f"{report.url}: {report.error}"
    roles = ", ".join(channel.candidate.role.value for channel in report.channels)
    return f"{report.home_page}  {report.name}: {roles}; {report.requests_a_day} requests a day"


def _row(choice: Choice, report: SiteReport) -> tuple[str, ...]:
    channel = choice.channel
    rate = f"{channel.items_a_day:.1f}" if channel.items_a_day is not None else "?"
    newest = age(report.looked_at, channel.newest) if channel.newest else "?"
    poll = f"each {duration(report.interval_seconds(channel))}" if choice.is_polled else "no"
    return (
        _short(channel.candidate.url, report), channel.candidate.role.value, str(len(channel.items)), newest, rate,
        str(choice.own_items), poll,
    )  # fmt: skip


def age(now: datetime, moment: datetime) -> str:
    """Returns how long ago a moment was, in its largest unit."""
    seconds = max(0, round((now - moment).total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit} ago"
    return f"{seconds} s ago"


def _article_row(sample: ArticleSample) -> tuple[str, ...]:
    return (sample.title[:_LONGEST], str(sample.words), *("yes" if sample.fields[name] else "-" for name in FIELDS))


def _hub(choice: Choice) -> str:
    return f"; hub {choice.channel.hub.url}" if choice.channel.hub else ""


def _short(url: str, report: SiteReport) -> str:
    """Returns an address without the host of the home page."""
    parts, home = urlsplit(url), urlsplit(report.home_page)
    short = url.partition(parts.netloc)[2] if parts.netloc == home.netloc else url
    return short if len(short) <= _LONGEST else f"{short[:_LONGEST]}…"
