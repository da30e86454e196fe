"""What the present parser reads from kept pages, compared with what is stored."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from newsmill.replay.kept_pages import FIELDS, KeptPage
from newsmill.replay.reader_pool import ReaderPool
from shared.contracts import Article

BATCH = 40


@dataclass
class Report:
    """What the present parser reads from kept pages: how many pages, and for each field how many are same, new, gone, changed."""

    pages: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    fields: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    examples: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def record(self) -> dict[str, Any]:
        """The report as a JSON document."""
        return {
            "pages": self.pages, "outcomes": dict(self.outcomes),
            "fields": {name: dict(counts) for name, counts in self.fields.items()}, "examples": dict(self.examples),
        }  # fmt: skip

    def lines(self) -> Iterator[str]:
        """Yields the report in lines."""
        yield f"{self.pages} pages: " + ", ".join(f"{number} {name}" for name, number in self.outcomes.most_common())
        for name in FIELDS:
            if counts := self.fields.get(name):
                yield f"  {name:<14} " + ", ".join(
                    f"{counts[change]} {change}" for change in ("same", "new", "changed", "gone") if counts[change]
                )
            for example in self.examples.get(name, ()):
                yield f"      {example['url']}: {json.dumps(example['old'], ensure_ascii=False)} -> {json.dumps(example['new'], ensure_ascii=False)}"


def compare_pages(
    pages: Iterable[KeptPage], update: Callable[[KeptPage], None] | None, examples: int, advance: Callable[[int], None]
) -> Report:
    """Reads kept pages again and returns how they differ from what is stored.

    Args:
        pages: to read.
        update: called with each page whose article differs.
        examples: how many differences of each field the report shows.
        advance: called with the number of pages after each batch.
    """
    report, pool, remainder = Report(), ReaderPool(), iter(pages)
    while batch := list(islice(remainder, BATCH)):
        for page, result in zip(batch, pool.read(batch), strict=True):
            if _compare(report, page, result, examples) and update is not None:
                update(page)
        advance(len(batch))
    pool.close()
    return report


def _compare(report: Report, kept: KeptPage, result: Article | str, examples: int) -> bool:
    """Enters a page into the report and returns whether its article differs from what is stored."""
    report.pages += 1
    if isinstance(result, str):
        report.outcomes[result if kept.stored is None else f"article lost: {result}"] += 1
        return False
    if kept.stored is None:
        report.outcomes["article gained"] += 1
        return True
    changes = [_compare_field(report, kept, result, name, examples) for name in FIELDS]
    differs = any(change != "same" for change in changes)
    report.outcomes["differs" if differs else "the same"] += 1
    return differs


def _compare_field(report: Report, kept: KeptPage, article: Article, name: str, examples: int) -> str:
    old, new = _plain(getattr(kept.stored, FIELDS[name])), _plain(getattr(article, name))
    change = _change(old, new)
    report.fields[name][change] += 1
    if change != "same" and len(report.examples[name]) < examples:
        report.examples[name].append({"url": kept.visit.url, "old": _short(old), "new": _short(new)})
    return change


def _change(old: Any, new: Any) -> str:
    if (old or None) == (new or None):
        return "same"
    if not old:
        return "new"
    return "changed" if new else "gone"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _short(value: Any) -> Any:
    return value[:120] if isinstance(value, str) else value
