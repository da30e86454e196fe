"""Whether a file of sites and sources can be read."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from services.scheduler.sources import read_sources


def sources_report(file: Path) -> dict[str, Any]:
    """Returns the sites and sources of a file as JSON values, and its error or None.

    Raises:
        OSError: the file cannot be read.
    """
    try:
        declared = read_sources(file.read_text(encoding="utf-8"))
    except ValueError as error:
        return {"file": str(file), "sites": [], "sources": [], "error": str(error)}
    sites = [site.model_dump(mode="json", exclude_none=True) for site in declared.sites]
    sources = [source.model_dump(mode="json", exclude_none=True) for source in declared.sources]
    return {"file": str(file), "sites": sites, "sources": sources, "error": None}


def sources_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yields the report of a file of sources in lines."""
    if report["error"]:
        yield f"{report['file']} is wrong: {report['error']}"
        return
    for site in report["sites"]:
        yield f"{site['home_page']}  site  {site.get('name', '')}".rstrip()
    for source in report["sources"]:
        yield f"{source['url']}  {source.get('kind', 'kind by its bytes')}  {source.get('name', '')}".rstrip()
    sites = f"{len(report['sites'])} sites, " if report["sites"] else ""
    yield f"{report['file']}: {sites}{len(report['sources'])} sources, nothing is wrong"
