"""`newsmill host`: what the fetchers know of a host, and its pause."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from newsmill.options import AsJson, DataFolder
from newsmill.output import print_report
from newsmill.running_system import find_system
from services.fetcher.explain import explain_host
from services.fetcher.politeness.turns import Politeness, site_of
from services.fetcher.settings import FetcherSettings

app = typer.Typer(add_completion=False)


@app.command()
def host(
    name: Annotated[str, typer.Argument(help="A host, as example.com.")],
    pause: Annotated[bool, typer.Option("--pause", help="Keep every fetcher from asking it.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Let the fetchers ask it again.")] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Show when a host may be asked and who waits for it, or pause it. The reason for its interval is named."""
    if pause and resume:
        raise typer.BadParameter("--pause and --resume exclude each other")
    system = find_system(data)
    settings, redis = system.settings(FetcherSettings), system.redis()
    site = site_of(f"http://{name}/")
    if pause or resume:
        Politeness(redis, settings).pause(site, paused=pause)
    print_report(explain_host(settings, redis, site), host_lines, as_json=as_json)


def host_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yields the report of explain_host() in lines."""
    yield f"{report['host']}: {report['state']}"
    yield f"  one request in {report['interval']:g} s ({report['why']}), the next in {max(0, report['next']):.1f} s"
    yield f"  {report['waiting']:.0f} URLs wait, {report['in_flight']:.0f} requests under way"
    named = {
        "latency": "mean latency {:.2f} s", "slow": "complaints slow it down {:.1f} times", "delay": "Crawl-delay {:g} s",
        "rest": "asked for rest for {:.0f} s", "failures": "{:.0f} failures in a row", "since": "in trouble since {:.0f} s",
        "open": "breaker opens for a probe in {:.0f} s",
    }  # fmt: skip
    for name, words in named.items():
        if report.get(name):
            yield f"  {words.format(abs(report[name]) if name == 'since' else report[name])}"
    for origin, robots in report["robots"].items():
        yield f"  {origin}/robots.txt"
        yield from (f"  {line}" for line in robots_lines(robots))


def robots_lines(robots: Mapping[str, Any]) -> Iterator[str]:
    """Yields in lines what is remembered of a robots.txt."""
    if "allowed" in robots:
        delay = f", Crawl-delay {robots['crawl_delay']:g} s" if robots["crawl_delay"] else ""
        yield f"  robots.txt {'allows' if robots['allowed'] else 'forbids'} it to {robots['agent']}{delay}"
        yield from (f"    sitemap {url}" for url in robots["sitemaps"])
    elif robots:
        yield f"  robots.txt: {robots}"
