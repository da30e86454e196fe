"""`newsmill coverage`: what became of each story that the channels of sites have listed."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any

import typer

from newsmill.options import AsJson, DataFolder
from newsmill.output import print_report
from newsmill.running_system import find_system
from services.reader.queries.coverage import find, report
from shared.contracts import now_utc
from shared.errors import SettingsError

app = typer.Typer(add_completion=False)

_NUMBERS = ("listed", "stored", "dropped", "under_way")


@app.command()
def coverage(
    site: Annotated[str | None, typer.Argument(help="Name, home page or key of a site; without it all sites.")] = None,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="UTC day on which stories were first listed.")
    ] = None,
    missing: Annotated[
        bool, typer.Option("--missing", help="List the stories that are not stored, each with the reason.")
    ] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show what became of the stories that sites have listed. Each is stored, dropped for a reason or still under way."""
    system = find_system(data)
    with system.session() as session:
        outlet = find(session, site) if site else None
        if site and outlet is None:
            raise SettingsError(f"no site {site!r}: name one by its name, its home page or its key")
        document = report(session, system.redis(), (day or now_utc()).date(), outlet, missing=missing)
    print_report(document, coverage_lines, as_json=as_json)


def coverage_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Yields a report of coverage (services/reader/queries/coverage.py) in lines."""
    yield f"stories first listed on {document['day']} (UTC)"
    if not document["sites"]:
        yield "no channel of any site has listed a story"
        return
    width = max(len(site["name"]) for site in document["sites"])
    yield f"{'site':<{width}}  {'listed':>6}  {'stored':>6}  {'dropped':>7}  {'under way':>9}  only in feed/front/sitemap"
    for site in document["sites"]:
        yield from _site_lines(site, width)
    for story in document.get("missing", ()):
        yield from _story_lines(story)


def _site_lines(site: Mapping[str, Any], width: int) -> Iterator[str]:
    listed, stored, dropped, under_way = (site[name] for name in _NUMBERS)
    only = "/".join(str(number) for number in site["only"].values())
    yield f"{site['name']:<{width}}  {listed:>6}  {stored:>6}  {dropped:>7}  {under_way:>9}  {only}"
    if site["reasons"]:
        reasons = ", ".join(f"{reason} {number}" for reason, number in site["reasons"].items())
        yield f"{'':<{width}}  dropped: {reasons}"
    if site["retries"]:
        yield f"{'':<{width}}  retried: {site['retries']} of those under way"


def _story_lines(story: Mapping[str, Any]) -> Iterator[str]:
    why = " ".join(str(part) for part in (story["reason"], story["detail"]) if part)
    yield f"{story['state']}: {story['url']}  {why}".rstrip()
    again = f"; tried again at {story['tried_again_at']}" if story["tried_again_at"] else ""
    yield f"    listed {story['first_listed_at']} in {', '.join(story['shown_in'])}{again}"
    yield f"    {story['command']}"
