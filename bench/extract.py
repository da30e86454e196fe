"""How right and how dear reading articles is, beside the peers, page by page in one run. See bench/README.md.

    bench/extract CORPUS
    bench/extract CORPUS --only fundus,traf --peers newsmill,trafilatura --worst 20 --by-language

CORPUS has a folder a collection with gold.jsonl and gzipped pages, and perhaps links/links.jsonl. Pages are
shared out by site: on `work`, and later on `opened`, this project was improved; `check` was measured, and its bodies never read.
"""

import argparse
import json
import random
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from extract_corpus import Page, pages
from extract_links import links
from extract_peers import PEERS, Extractor, installed
from extract_score import scores

MEASURES = ("body", "segments", "title", "day", "instant", "authors", "image", "language", "first")
# What a peer does not tell is not held against it.
FIELD = {
    "title": "title",
    "day": "date",
    "instant": "date",
    "authors": "authors",
    "image": "image",
    "language": "language",
}
Table = dict[tuple[str, str, str, str], list[float]]


def measured(extractor: Extractor, page: Page) -> tuple[dict[str, Any], float, str]:
    """What it found, the CPU seconds it took, and the error it raised, if any."""
    started = time.process_time()
    try:
        return extractor(page.html, page.url), time.process_time() - started, ""
    except Exception as error:  # noqa: BLE001 - a peer may raise anything: that is part of what is measured
        return {}, time.process_time() - started, type(error).__name__


def language_of(text: str) -> str | None:
    """The language of a known body, as a second library tells it; None of short ones."""
    from py3langid.langid import classify

    return str(classify(text[:5000])[0]) if len(text) > 400 else None


def run(
    corpus: list[Page], extractors: dict[str, Extractor], by_language: bool
) -> tuple[Table, Table, list[dict[str, Any]]]:
    """Scores and milliseconds by collection, share or language, extractor and measure; and every result of ours."""
    table, costs, ours = defaultdict(list), defaultdict(list), []
    names = list(extractors)
    for page in corpus:
        random.shuffle(names)  # nobody profits from coming second
        tongue = language_of(page.gold.get("text") or "")
        gold = page.gold | ({"language": tongue} if tongue else {})
        group = (tongue or "?") if by_language else page.share
        for name in names:
            fields, seconds, error = measured(extractors[name], page)
            results = scores(gold, fields)
            if tongue and "language" in fields:
                results["language"] = float(str(fields["language"])[:2] == tongue)
            results = {
                measure: score
                for measure, score in results.items()
                if not fields or FIELD.get(measure, "text") in fields
            }
            for measure, score in results.items():
                table[page.collection, group, name, measure].append(score)
            costs[page.collection, "", name, "ms"].append(1000 * seconds)
            if name == "newsmill":
                ours.append({"page": page, "scores": results, "ms": 1000 * seconds, "error": error})
    return table, costs, ours


def report(table: Table, costs: Table) -> None:
    """A line for each collection, share and extractor."""
    groups = sorted({(collection, group) for collection, group, _, _ in table})
    names = list(dict.fromkeys(name for _, _, name, _ in table))
    for collection, group in groups:
        print(f"\n{collection} {group}")
        for name in sorted(names, key=list(PEERS).index):
            cells = [f"{measure} {statistics.mean(values):.3f} ({len(values)})" for measure in MEASURES
                     if (values := table.get((collection, group, name, measure)))]  # fmt: skip
            if cells:
                print(f"  {name:12} {'  '.join(cells)}")
    print("\nCPU ms a page: median / 99 %")
    for (collection, _, name, _), spent in sorted(costs.items()):
        spent.sort()
        print(f"  {collection:14} {name:12} {statistics.median(spent):8.1f} {spent[int(0.99 * len(spent))]:8.1f}")
    _report_ratios(costs)


def _report_ratios(costs: Table) -> None:
    """Newsmill's CPU a page over all collections as a ratio to that of each peer."""
    spent: dict[str, list[float]] = defaultdict(list)
    for (_, _, name, _), milliseconds in costs.items():
        spent[name] += milliseconds
    if not (own := sorted(spent.pop("newsmill", []))):
        return
    print("\nnewsmill's CPU a page to that of a peer: means / medians / 99th percentiles")
    for name, milliseconds in spent.items():
        peer = sorted(milliseconds)
        percentiles = own[int(0.99 * len(own))] / peer[int(0.99 * len(peer))]
        medians = statistics.median(own) / statistics.median(peer)
        print(f"  {name:12} {sum(own) / sum(peer):8.2f} {medians:8.2f} {percentiles:8.2f}")


def worst(ours: list[dict[str, Any]], count: int) -> None:
    """Our worst bodies of the work half, and what is wrong beside."""
    judged = [
        result for result in ours if result["page"].share == "work" and {"body", "segments"} & result["scores"].keys()
    ]
    judged.sort(key=lambda result: result["scores"].get("body", result["scores"].get("segments", 1.0)))
    print("\nthe worst of the work half")
    for result in judged[:count]:
        cells = "  ".join(f"{name} {score:.2f}" for name, score in result["scores"].items())
        print(f"  {result['page'].collection} {result['page'].id}  {cells}  {result['ms']:.0f} ms {result['error']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--only", default="", help="collections, by comma")
    parser.add_argument("--peers", default=",".join(PEERS), help="extractors, by comma")
    parser.add_argument("--worst", type=int, default=10, help="of our worst pages this many are listed")
    parser.add_argument("--by-language", action="store_true", help="tell by language of the body, not by share")
    parser.add_argument(
        "--limit", type=int, default=0, help="at most so many pages of each collection, drawn by chance"
    )
    parser.add_argument("--json", type=Path, help="write the table there too")
    options = parser.parse_args()
    random.seed(7)
    every: dict[str, list[Page]] = defaultdict(list)
    for page in pages(options.corpus, frozenset(filter(None, options.only.split(",")))):
        every[page.collection].append(page)
    corpus = [
        page
        for candidates in every.values()
        for page in random.sample(candidates, min(options.limit or len(candidates), len(candidates)))
    ]
    extractors = installed(options.peers.split(","))
    for extractor in extractors.values():  # what is loaded at first use is nobody's page
        measured(extractor, corpus[0])
    table, costs, ours = run(corpus, extractors, options.by_language)
    report(table, costs)
    worst(ours, options.worst)
    if (options.corpus / "links" / "links.jsonl").exists() and not options.only:
        links(options.corpus / "links" / "links.jsonl")
    if options.json:
        options.json.write_text(
            json.dumps({" ".join(key): statistics.mean(candidates) for key, candidates in table.items()}, indent=1)
        )


if __name__ == "__main__":
    main()
