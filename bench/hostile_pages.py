"""The cost of pages and feeds that are made to be expensive, at 1, 2 and 4 times a size.

    .venv/bin/python bench/hostile_pages.py [--megabytes 10] [--only TEXT]

Each page is read in a process of its own, as an article and as a front page. The table shows the seconds of CPU of the
dearer reading, and the memory that the process grew by at the largest size. Exits 1 if a family grows more than threefold per doubling (below 0.3 s nothing is
concluded), or if the largest page takes more than 10 s of CPU or 300 MB.
"""

import argparse
import contextlib
import gc
import multiprocessing
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from typing import NamedTuple

from services.parser.article.body import forest
from services.parser.page import language
from services.parser.parse import read
from services.parser.rules import site_rules
from shared.contracts import Kind
from shared.errors import Reject

NOW = datetime(2026, 1, 1, tzinfo=UTC)
URL = "https://news.example/2024/01/02/a-story"
GROWTH, LEAST_SECONDS, MOST_SECONDS, MOST_MEGABYTES = 3.0, 0.3, 10.0, 300
ARTICLE = '{"@context":"https://schema.org","@type":"NewsArticle","headline":"Ferry returns to port",%s}'
HEAD = b"<html><head><title>Ferry returns to port</title></head><body><h1>Ferry returns to port</h1>"
PROSE = b"<p>The ferry returned to the harbour in the morning, the council said, and will stay. </p>"

Generator = Callable[[int], bytes]


class Cost(NamedTuple):
    """Seconds of CPU, and the megabytes that the process grew by."""

    seconds: float
    megabytes: float


def repeated(part: bytes, before: bytes = HEAD, after: bytes = b"") -> Generator:
    """Returns a generator of pages of a size in bytes that repeat a part."""
    return lambda size: before + part * ((size - len(before) - len(after)) // len(part)) + after


def numbered(part: str, before: bytes = HEAD, after: bytes = b"") -> Generator:
    """Returns a generator of pages that repeat a part with a number in the place of `%d`."""

    def page(size: int) -> bytes:
        width = len(part % 100_000)
        return before + "".join(part % number for number in range(size // width)).encode() + after

    return page


def json_ld(value: str, before: str = "", after: str = "") -> Generator:
    """Returns a generator of pages whose JSON-LD repeats a value; with a number in the place of `%d`, if it has one."""
    start = HEAD + b'<script type="application/ld+json">' + before.encode()
    end = after.encode() + b"</script>" + PROSE * 20
    return numbered(value, start, end) if "%d" in value else repeated(value.encode(), start, end)


def article_list(field: str, value: str) -> Generator:
    before, after = (ARTICLE % f'"{field}":[#0]').split("#")
    return json_ld(f"{value},", before, after)


def element_of_attributes(before: bytes, after: bytes) -> Generator:
    return lambda size: before + b" ".join(b'a%d="1"' % number for number in range(size // 11)) + after


def wrapped(opening: bytes, closing: bytes, before: bytes = HEAD, depth: int | None = None) -> Generator:
    """Returns a generator of pages of elements in one another, with text in the innermost if `depth` is given."""

    def page(size: int) -> bytes:
        levels = depth or size // (len(opening) + len(closing))
        text = b"word, and words. " * (size // 17) if depth else b"text"
        return before + opening * levels + text + closing * levels

    return page


def halves(before: bytes, first: bytes, between: bytes, second: bytes) -> Generator:
    """Returns a generator of pages of which one half repeats a part and the other half another."""
    return lambda size: before + first * (size // 2 // len(first)) + between + second * (size // 2 // len(second))


def items_with_texts(part: bytes, size_of_item: int) -> Generator:
    """Returns a generator of feeds whose items have full texts that repeat a part."""
    item = "<item><title>Ferry %d</title><link>https://a.example/2024/01/02/ferry-%d</link><content:encoded><![CDATA[#]]></content:encoded></item>"

    def feed(size: int) -> bytes:
        text = part * (size_of_item // len(part))
        items = (item.replace("%d", str(number)).encode().replace(b"#", text) for number in range(size // size_of_item))
        return RSS + b"".join(items)

    return feed


RSS = b'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title>'
SITEMAP = b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
STORY = "<div><h3><a href='/2024/01/02/a-story-of-some-words-%d'>A story of some words</a></h3></div>"
DESCRIPTION = b'<meta property="og:description" content="'

FAMILIES: dict[str, Generator] = {
    "not UTF-8, many <": repeated(b"\xe9<", b"<html><body>"),
    "not UTF-8, many <script": repeated(b"\xe9<script ", b"<html><body>"),
    "JSON-LD of numbers": json_ld("1 "),
    "JSON-LD of objects": json_ld('{"@type":"Thing"}'),
    "JSON-LD, trailing commas": json_ld(", ", "[1"),
    "publishers": article_list("publisher", '{"@type":"Organization","name":"Post %d"}'),
    "short publishers": article_list("publisher", '"Post %d"'),
    "headlines": article_list("headline", '"Ferry returns to port %d"'),
    "authors": article_list("author", '"Mina Okafor%d"'),
    "keywords": article_list("keywords", '"ferry&amp;%d"'),
    "images": article_list("image", '"/i/%d.jpg"'),
    "sections": article_list("articleSection", '"Port %d"'),
    "dates": article_list("datePublished", '"2024-01-02T10:%d"'),
    "types": article_list("@type", '"Type%d"'),
    "declared body": json_ld("word &amp; words\\n", '{"@type":"NewsArticle","articleBody":"', '"}'),
    "nested JSON": json_ld('{"@graph":['),
    "description against blocks": lambda size: (
        DESCRIPTION + b"abcdefghi jklmnop " * (size // 36) + b'">' + HEAD + b"<p>abcdefghi jklmnop qrstuvwx yz" * (size // 64)
    ),
    "declared body against blocks": lambda size: (
        HEAD + b'<script type="application/ld+json">{"@type":"Article","articleBody":"' + b"abcdefghi jklmnop " * (size // 36)
        + b'"}</script>' + b"<p>abcdefghi jklmnop qrstuvwx yz" * (size // 64)
    ),
    "empty links in a box": numbered("<a href='/2024/01/02/a-story-%d'></a>", HEAD + b"<div><h2>Ferry returns to port</h2>"),
    "empty links in cards": numbered("<div><a href='/2024/01/02/a-story-%d'></a>"),
    "stories": numbered(STORY),
    "spans with itemprop": repeated(b'<span itemprop="author">'),
    "spans with class": repeated(b'<span class="author byline">'),
    "nested h1": wrapped(b"<h1>", b"</h1>", b"<html><body>", 95),
    "nested links": wrapped(b"<article><a class=title href=/a>", b"</a></article>", HEAD, 95),
    "unclosed bold": numbered("<b id=%d>"),
    "unclosed fonts": numbered("<font size=%d>"),
    "misnested formatting": repeated(b"<b><i><p></b></i>"),
    "misnested tables": repeated(b"<table><b><tr>x"),
    "nested tables": repeated(b"<table><tr><td>"),
    "divs": repeated(b"<div>"),
    "closed divs": wrapped(b"<div>", b"</div>"),
    "custom elements": repeated(b"<x-a>"),
    "paragraphs": repeated(PROSE),
    "short paragraphs": repeated(b"<p>a"),
    "breaks": repeated(b"a<br>"),
    "one line": repeated(b"word "),
    "h1": repeated(b"<h1>Ferry returns to port</h1>"),
    "long h1": repeated(b"<h1>" + b"ferry returns to port | " * 800 + b"</h1>"),
    "numbered h1": numbered("<h1>Ferry returns to port %d</h1>"),
    "next stories": numbered("<article><h1>Ferry %d</h1><p>The ferry returns to port, the council said."),
    "headings of comments": repeated(b"<div><h3>3 Comments</h3><p>The ferry returns to port, the council said."),
    "reply links": repeated(b"<div><p>The ferry returns to port, the council said.</p><a href=/r>Reply</a></div>"),
    "rows of figures": repeated(b"<tr><td>1<td>2", HEAD + PROSE + b"<table>"),
    "entries of a list": repeated(b"<li>The ferry returns to port, the council said.", HEAD + b"<ul>"),
    "shadow roots": repeated(b"<template shadowrootmode=open><p>a"),
    "beginnings of templates": repeated(b"<template "),
    "titles": repeated(b"<title>a - b | c</title>", b"<html>"),
    "long title": repeated(b" | - a", b"<html><title>"),
    "metas": numbered('<meta name="author" content="Mina Okafor%d">', b"<html>"),
    "escaped metas": repeated(b'<meta property="og:title" content="&lt;b&gt;x">', b"<html>"),
    "long meta": repeated(b"&lt;b>", b'<html><meta property="og:title" content="'),
    "times": repeated(b"<time>x</time>"),
    "dates in blocks": repeated(b"<p>Updated 1.1.2024 published 2.2.2024"),
    "scripts with dates": repeated(b'<script>"published_at":"2024-</script>'),
    "unclosed comments": repeated(b"<!--"),
    "unclosed scripts": repeated(b"<script>"),
    "doctypes": repeated(b"<!DOCTYPE html<<", b""),
    "one doctype": repeated(b"<", b"<!DOCTYPE html"),
    "bold opened again": lambda size: (
        b"<html><body><p>" + b"".join(b"<b id=%d>" % number for number in range(size // 80)) + b"</p><p>x" * (size // 9)
    ),
    "doctypes with brackets": repeated(b"[]", b"<!DOCTYPE html"),
    "doctype with spaces": repeated(b" ", b"<!DOCTYPE html []"),
    "declarations": repeated(b"<?x ", b""),
    "comments": repeated(b"<!-- -->", b""),
    "spaces": repeated(b" ", b""),
    "one tag": repeated(b"<", b"<html><p "),
    "attributes": element_of_attributes(HEAD + b"<p ", b">text"),
    "classes": repeated(b"a-b ", HEAD + b'<div class="'),
    "distinct classes": numbered("<p class=c%d>text"),
    "distinct tags": numbered("<t%d>text"),
    "images in a page": numbered("<img src='/i/%d.jpg'>", HEAD + b"<article>"),
    "srcset": numbered("/i/%d.jpg 1w, ", HEAD + b"<article><img srcset='"),
    "pictures": numbered("<source srcset='/i/%d.jpg 1w'>", HEAD + b"<article><picture>", b"<img>" * 100),
    "lists in text": repeated(b"a    ", b""),
    "publication lines": repeated("Publié dans a le \n".encode(), b""),
    "text lines": repeated(b"word\n", b""),
    "tickers": repeated(b"<marquee><a href=/a>a b c</a></marquee>"),
    "hidden": repeated(b"<div style='display: none'>text</div>"),
    "alternates": numbered("<link rel=alternate hreflang=fr href=/%d>", b"<html>"),
    "base": repeated(b"<base href=/>", b"<html>"),
    "entities": repeated(b"&amp;", HEAD + b"<p>"),
    "broken entities": repeated(b"&", HEAD + b"<p>"),
    "Arabic, not UTF-8": repeated("قرر المجلس ".encode("cp1256"), b"<html><body><p>"),
    "UTF-16": lambda size: b"\xff\xfe" + repeated(b"<\0p\0>\0a\0", b"")(size),
    "items": repeated(b"<item/>", RSS),
    "items with titles": numbered("<item><title>Ferry %d</title><link>https://a.example/%%d</link></item>".replace("%%d", "x"), RSS),
    "item of titles": repeated(b"<title>Ferry</title>", RSS + b"<item>"),
    "item of media": repeated(b"<media:content url='/a.jpg'/>", RSS + b"<item>"),
    "item of links": repeated(b"<link>https://a.example/a</link>", RSS + b"<item>"),
    "feed element of attributes": element_of_attributes(RSS + b"<item ", b"/></channel></rss>"),
    "feed namespaces": numbered("<a xmlns:n%d='u'>", RSS),
    "nested feed elements": repeated(b"<a>", RSS),
    "broken feed": repeated(b"<a ", RSS),
    "feed of references": repeated(b"&#1;", RSS + b"<item><title>"),
    "feed of entities": repeated(b"&foo;", RSS + b"<item><title>"),
    "feed of CDATA": repeated(b"<![CDATA[x]]>", RSS + b"<item><title>"),
    "feed with HTML": repeated(b"&lt;b&gt;", RSS + b"<item><description>"),
    "feed doctype": repeated(b"<!ENTITY a 'b'>", b"<?xml version='1.0'?><!DOCTYPE rss ["),
    "feed comments": repeated(b"<!-- -->", RSS),
    "Atom entries": repeated(b"<entry/>", b'<feed xmlns="http://www.w3.org/2005/Atom">'),
    "JSON feed": numbered('{"title":"Ferry %d","url":"/a"},', b'{"version":"https://jsonfeed.org/version/1","items":[', b"{}]}"),
    "JSON feed of numbers": repeated(b"1,", b'{"version":"https://jsonfeed.org/version/1","items":[', b"1]}"),
    "JSON feed nested": repeated(b"[", b'{"version":"https://jsonfeed.org/version/1","items":['),
    "sitemap entries": repeated(b"<url/>", SITEMAP),
    "sitemap entries with addresses": numbered("<url><loc>https://a.example/%d</loc></url>", SITEMAP),
    "sitemap index": numbered("<sitemap><loc>https://a.example/%d</loc></sitemap>", b"<sitemapindex>"),
    "sitemap entry of children": repeated(b"<x/>", SITEMAP + b"<url>"),
    "headlines of one title": halves(b"<html><meta property='og:title' content='", b"ferry returns ", b"'><body>", b"<h1>Ferry returns to port</h1>"),
    "attributes of bodies": numbered("<body a%d=1>"),
    "long base, many links": halves(b"<html><base href='https://news.example/", b"a/", b"'>" + HEAD, b"<a href=b>some words of a story here</a>"),
    "graph of references": json_ld('{"@type":"Person","@id":"#%d","knows":{"@id":"#0"}},', '{"@graph":[{"@type":"NewsArticle","author":{"@id":"#0"}},', "{}]}"),
    "graph of articles": json_ld('{"@type":"NewsArticle","@id":"#%d","headline":"Ferry returns to port","isPartOf":{"@id":"#0"}},', '{"@graph":[', "{}]}"),
    "JSON-LD scripts": repeated(b'<script type="application/ld+json">{"@type":"NewsArticle","headline":"Ferry returns"}</script>'),
    "JSON-LD number": json_ld("9", '{"@type":"NewsArticle","wordCount":', "}"),
    "combining marks": repeated("\u0301".encode(), HEAD + b"<p>a"),
    "right-to-left marks": repeated("\u200f\u202e".encode(), HEAD + b"<p>"),
    "NUL": repeated(b"\0", HEAD + b"<p>a"),
    "drawings": repeated(b"<svg><foreignObject><p>a"),
    "formulas": repeated(b"<math><mi>"),
    "templates": repeated(b"<template>"),
    "noscripts": repeated(b"<noscript><p>a"),
    "wide cells": repeated(b"<tr><td colspan=999999999 rowspan=999999999>1<td>2", HEAD + PROSE + b"<table>"),
    "canonicals": numbered("<link rel=canonical href=/%d>", b"<html>"),
    "data image": repeated(b"A", HEAD + b"<article><img src='data:image/png;base64,"),
    "digits of a date": repeated(b"1", HEAD + b"<time datetime='"),
    "names of a byline": repeated(b"Mina Okafor, ", HEAD + b"<p class=byline>By "),
    "microdata": repeated(b'<div itemscope itemtype="https://schema.org/NewsArticle"><span itemprop=headline>a</span></div>'),
    "Chinese": repeated("东港渡轮".encode("gb18030"), b"<html><meta charset=gb18030><p>"),
    "Japanese paragraphs": repeated("<p>渡船が港に戻った。".encode(), HEAD),
    "shifts of ISO-2022-JP": repeated(b"\x1b$B\x1b(B", b"<html><meta charset=iso-2022-jp><p>"),
    "items with nested texts": items_with_texts(b"<div>", 5_000),
    "items with long nested texts": items_with_texts(b"<div>", 45_000),
    "items with texts": items_with_texts(b"<p>The ferry returned to the harbour, the council said.", 5_000),
    "sitemap as text": numbered("https://a.example/%d\n", b""),
    "sitemap other elements": repeated(b"<x/>", SITEMAP),
    "sitemap element of attributes": element_of_attributes(SITEMAP + b"<url ", b"/></urlset>"),
}  # fmt: skip


def costs(names: list[str], size: int) -> Iterator[tuple[str, list[Cost | None]]]:
    """Yields the costs of each family at a quarter, a half and the whole of a size in bytes; None for a killed process."""
    for name in names:
        yield name, [cost(name, size // divisor) for divisor in (4, 2, 1)]


def cost(name: str, size: int) -> Cost | None:
    """Returns what reading a page costs in a process of its own; None if it takes six times the seconds allowed."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_read, args=(name, size, sender))
    process.start()
    sender.close()
    try:
        return Cost(*receiver.recv())
    except EOFError:
        return None
    finally:
        process.join()


def _read(name: str, size: int, sender: Connection) -> None:
    # As in the parser's children: what the parent holds is not looked through for garbage.
    gc.freeze()
    body = FAMILIES[name](size)
    resource.setrlimit(resource.RLIMIT_CPU, (int(6 * MOST_SECONDS), int(6 * MOST_SECONDS) + 1))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kinds = (Kind.ARTICLE, Kind.FRONT) if body.lstrip().lower().startswith((b"<html", b"<meta")) else (None,)
    seconds = max(_seconds(body, kind) for kind in kinds)
    sender.send((seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024))


def _seconds(body: bytes, kind: Kind | None) -> float:
    started = time.process_time()
    with contextlib.suppress(Reject):
        read(body, URL, kind, None, NOW, max_bytes=2 * len(body))
    return time.process_time() - started


def complaint(series: list[Cost | None]) -> str:
    """Returns what is wrong with the costs of a family; empty if nothing is."""
    if None in series:
        return "killed"
    quarter, half, largest = (item for item in series if item)
    growth = max(half.seconds / max(quarter.seconds, LEAST_SECONDS), largest.seconds / max(half.seconds, LEAST_SECONDS))
    if growth > GROWTH:
        return f"grows {growth:.1f} times per doubling"
    if largest.seconds > MOST_SECONDS:
        return f"more than {MOST_SECONDS:.0f} s"
    return f"more than {MOST_MEGABYTES} MB" if largest.megabytes > MOST_MEGABYTES else ""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--megabytes", type=float, default=10.0, help="the largest size")
    options.add_argument("--only", default="", help="families with this text in their name")
    arguments = options.parse_args()
    site_rules.load()
    forest.load("forest")
    language.load()
    failures = 0
    print(f"{'family':36} {'CPU s at 1/4':>12} {'1/2':>8} {'1':>8} {'MB':>6}")
    names = [name for name in FAMILIES if arguments.only in name]
    for name, series in costs(names, int(arguments.megabytes * 1_000_000)):
        wrong = complaint(series)
        failures += bool(wrong)
        seconds = [f"{item.seconds:.2f}" if item else "-" for item in series]
        megabytes = f"{series[-1].megabytes:.0f}" if series[-1] else "-"
        print(f"{name:36} {seconds[0]:>12} {seconds[1]:>8} {seconds[2]:>8} {megabytes:>6}  {wrong}", flush=True)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
