"""Which links of a front page are headlines, on links that people have labelled: text and address, no page.

Each outlet's links make a page with a list and nothing else, which is read as a front page.
"""

import json
from collections import Counter, defaultdict
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

from extract_corpus import half

from services.parser.listing.story_links import is_story
from services.parser.parse import read
from shared.contracts import Kind


def links(listing: Path) -> None:
    """F1, precision and recall by half, of the decision alone and of whole pages."""
    outlets: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for line in listing.read_bytes().splitlines():
        told = json.loads(line)
        outlets[told["outlet"], told["page"]].append(told)
    alone, whole = Counter[tuple[str, bool, bool]](), Counter[tuple[str, bool, bool]]()
    for (outlet, page), rows in outlets.items():
        shown = on_page(page, rows)
        for row in rows:
            alone[half(outlet), is_story(row["text"], row["url"], page), row["is_headline"]] += 1
            kept = row["url"].partition("#")[0] in shown or " ".join(row["text"].split())[:250] in shown
            whole[half(outlet), kept, row["is_headline"]] += 1
    for name, found in (("decision", alone), ("page", whole)):
        for part in ("work", "check"):
            tell(f"links {name} {part}", *(found[part, *pair] for pair in ((True, True), (True, False), (False, True))))


def on_page(page: str, rows: list[dict[str, Any]]) -> set[str]:
    """The addresses, without fragments, and the words of the headlines that are read from a page of these links."""
    items = "".join(f'<li><a href="{escape(row["url"])}">{escape(row["text"])}</a></li>' for row in rows)
    html = f"<html><body><ul>{items}</ul></body></html>"
    found = read(html.encode(), page, Kind.FRONT, "utf-8", datetime.now(UTC)).headlines
    return {one.url.partition("#")[0] for one in found if one.url} | {one.text[:250] for one in found}


def tell(name: str, right: int, extra: int, missed: int) -> None:
    precision, recall = right / max(right + extra, 1), right / max(right + missed, 1)
    print(f"{name:22} F1 {2 * right / max(2 * right + extra + missed, 1):.3f}  P {precision:.3f}  R {recall:.3f}")
