"""Which links of a front page are headlines, on links that people have labelled: text and address, no page.

Each outlet's links make a page with a list and nothing else, which is read as a front page.
"""

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from extract_corpus import share

from services.parser.listing.story_links import is_story
from services.parser.parse import read
from shared.contracts import Kind


def links(listing: Path) -> None:
    """F1, precision and recall by share, of the decision alone and of whole pages."""
    outlets: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for line in listing.read_bytes().splitlines():
        row = json.loads(line)
        outlets[row["outlet"], row["page"]].append(row)
    decisions, pages = Counter[tuple[str, bool, bool]](), Counter[tuple[str, bool, bool]]()
    for (outlet, page), rows in outlets.items():
        shown = on_page(page, rows)
        for row in rows:
            decisions[share(outlet), is_story(row["text"], row["url"], page), row["is_headline"]] += 1
            kept = row["url"].partition("#")[0] in shown or " ".join(row["text"].split())[:250] in shown
            pages[share(outlet), kept, row["is_headline"]] += 1
    for name, counts in (("decision", decisions), ("page", pages)):
        for part in ("work", "check"):
            print_scores(
                f"links {name} {part}", *(counts[part, *pair] for pair in ((True, True), (True, False), (False, True)))
            )


def on_page(page: str, rows: list[dict[str, Any]]) -> set[str]:
    """The addresses, without fragments, and the words of the headlines that are read from a page of these links."""
    items = "".join(f'<li><a href="{escape(row["url"])}">{escape(row["text"])}</a></li>' for row in rows)
    html = f"<html><body><ul>{items}</ul></body></html>"
    headlines = read(html.encode(), page, Kind.FRONT, "utf-8", datetime.now(UTC)).headlines
    return {headline.url.partition("#")[0] for headline in headlines if headline.url} | {
        headline.text[:250] for headline in headlines
    }


def print_scores(name: str, right: int, extra: int, missed: int) -> None:
    precision, recall = right / max(right + extra, 1), right / max(right + missed, 1)
    print(f"{name:22} F1 {2 * right / max(2 * right + extra + missed, 1):.3f}  P {precision:.3f}  R {recall:.3f}")
