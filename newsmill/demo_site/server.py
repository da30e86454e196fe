"""The demo site's pages, and the server that shows them on loopback."""

import json
import struct
import zlib
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any

from newsmill.demo_site.stories import STORIES, TICKER, Story

# What the demo triggers: the path and the kind of page there.
TRIGGERS = (("/", "front"), ("/feed.xml", "feed"), ("/sitemap.xml", "sitemap"))
AGGREGATED = "/fr/lecourrier/1001"
SITE = "The Four Winds"
NAVIGATION = ("Home", "World", "Culture", "Sports", "Newsletters", "Subscribe", "About us")


class Pages:
    """The pages of the site as it is served at `base`, with dates counted back from `moment`."""

    def __init__(self, base: str, moment: datetime) -> None:
        self._base = base
        self._moment = moment
        self.paths: dict[str, tuple[str, Callable[[], str]]] = {
            "/": ("text/html; charset=utf-8", self.front),
            "/feed.xml": ("application/rss+xml; charset=utf-8", self.feed),
            "/sitemap.xml": ("application/xml", self.sitemap),
            "/robots.txt": ("text/plain", lambda: f"User-agent: *\nAllow: /\nSitemap: {base}/sitemap.xml\n"),
            AGGREGATED: ("text/html; charset=utf-8", self.aggregated),
        }
        for story in STORIES:
            self.paths[path(story)] = ("text/html; charset=utf-8", partial(self.article, story))

    def front(self) -> str:
        """The front page: a lead, teasers and a link to the aggregator's page, among the usual furniture."""
        lead, *rest = STORIES
        teasers = "".join(self._teaser(story, number) for number, story in enumerate(rest, 1))
        ticker = f'<li><a href="{AGGREGATED}">Les ateliers du port de Lisle reprennent vie, racontent leurs artisans</a></li>'
        return _document(
            "en", SITE,
            f"<main><section class='lead'>{self._teaser(lead, 0, 'h1')}</section><section class='river'>{teasers}</section>"
            f"<section class='partners'><ul>{ticker}</ul></section></main>",
        )  # fmt: skip

    def article(self, story: Story) -> str:
        """An article with JSON-LD (the first of each language) or OpenGraph alone."""
        url, published = self._base + path(story), self._published(story).isoformat()
        image = f"{self._base}/images/{STORIES.index(story)}.png"
        head = (
            f'<meta property="og:type" content="article"><meta property="og:title" content="{escape(story.title)}">'
            f'<meta property="og:image" content="{image}"><meta property="og:site_name" content="{SITE}">'
            f'<meta property="article:published_time" content="{published}"><link rel="canonical" href="{url}">'
            f'<meta name="author" content="{escape(story.author)}"><meta property="article:section" content="{story.section}">'
        )
        linked: dict[str, Any] = {
            "@context": "https://schema.org", "@type": "NewsArticle", "headline": story.title, "datePublished": published,
            "author": [{"@type": "Person", "name": story.author}], "image": [image], "mainEntityOfPage": url,
            "publisher": {"@type": "Organization", "name": SITE}, "articleSection": story.section, "inLanguage": story.language,
        }  # fmt: skip
        head += f'<script type="application/ld+json">{json.dumps(linked, ensure_ascii=False)}</script>'
        body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in story.paragraphs)
        main = (
            f"<main><article><header><h1>{escape(story.title)}</h1><p class='byline'>{escape(story.author)} · "
            f"<time datetime='{published}'>{published[:10]}</time></p></header>"
            f"<figure><img src='{image}' alt=''><figcaption>{escape(story.section)}</figcaption></figure>{body}</article>"
            "<aside class='newsletter'><h3>Our newsletter</h3><p>Every morning in your inbox.</p></aside></main>"
        )
        return _document(story.language, f"{story.title} - {SITE}", main, head)

    def aggregated(self) -> str:
        """A page in the layout of a press aggregator: a marquee ticker, a newspaper's article, a link to its source."""
        ticker = "".join(
            f'<a href="/fr/lecourrier/{2000 + number}">{escape(text)}</a>&nbsp;&nbsp;&nbsp;&nbsp;'
            for number, text in enumerate(TICKER)
        )
        day = self._moment.strftime("%d - %m - %Y")
        paragraphs = "<br/><br/>".join(
            (
                "Les ateliers du port de Lisle, fermés depuis la crue de l'an dernier, accueillent de nouveau douze artisans "
                "qui réparent voiles, moteurs et coques dans un bâtiment entièrement assaini.",
                "Le menuisier Étienne Valcourt y a retrouvé son établi, sauvé des eaux par ses voisins. Il forme cette année "
                "deux apprenties qui construisent leur premier canot.",
                "La commune louera les ateliers à prix réduit pendant trois ans. Un marché s'y tiendra le premier samedi du mois.",
            )
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
            '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd"><html xmlns="http://www.w3.org/1999/xhtml"><head>'
            "<title>Les ateliers du port de Lisle reprennent vie</title>"
            '<meta property="og:site_name" content="Revue de presse"/></head><body>'
            '<div class="menu"><a href="/politics">Politique</a><a href="/sports">Sports</a><a href="/lecourrier">Le Courrier</a></div>'
            f"<marquee><span>{ticker}<a href='#'></a></span></marquee>"
            "<div class='report'>Merci d'avoir signalé!<br/>Cette image sera automatiquement bloquée après qu'elle soit "
            "signalée par plusieurs personnes.</div>"
            '<span class="articletitle">Les ateliers du port de Lisle reprennent vie</span>'
            f'<span class="articlenewspaper">Publié dans <a href="/fr/lecourrier">Le Courrier</a> le {day}</span>'
            f'<span class="articlecontent">{paragraphs}<br/><br/>'
            '<a href="https://lecourrier.example/ateliers-du-port">Cliquez ici pour lire l\'article depuis sa source.</a></span>'
            "</body></html>"
        )

    def feed(self) -> str:
        """RSS 2.0."""
        items = "".join(
            f"<item><title>{escape(story.title)}</title><link>{self._base}{path(story)}</link><guid>{self._base}{path(story)}</guid>"
            f"<pubDate>{format_datetime(self._published(story))}</pubDate><description>{escape(story.paragraphs[0])}</description></item>"
            for story in STORIES
        )
        return (
            f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>{SITE}</title><link>{self._base}/</link>'
            f"<description>Invented news</description>{items}</channel></rss>"
        )

    def sitemap(self) -> str:
        """A news sitemap."""
        urls = "".join(
            f"<url><loc>{self._base}{path(story)}</loc><news:news><news:publication><news:name>{SITE}</news:name>"
            f"<news:language>{story.language}</news:language></news:publication><news:publication_date>"
            f"{self._published(story).isoformat()}</news:publication_date><news:title>{escape(story.title)}</news:title></news:news></url>"
            for story in STORIES
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
            f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">{urls}</urlset>'
        )

    def _teaser(self, story: Story, number: int, heading: str = "h2") -> str:
        return (
            f"<article class='teaser' lang='{story.language}'><a href='{path(story)}'><img src='/images/{number}.png' alt=''></a>"
            f"<{heading}><a href='{path(story)}'>{escape(story.title)}</a></{heading}><p>{escape(story.paragraphs[0][:120])}…</p></article>"
        )

    def _published(self, story: Story) -> datetime:
        return (self._moment - timedelta(minutes=story.minutes)).replace(microsecond=0)


class DemoSite:
    """The site on a free port of loopback, from enter to exit. `hits` counts requests by path."""

    def __init__(self) -> None:
        self.hits: Counter[str] = Counter()
        site = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site.hits[self.path] += 1
                status, media_type, body = site.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Type", media_type)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
                """Says nothing: the terminal belongs to the live view."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._pages = Pages(self.url, datetime.now(UTC))

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, media type and body of a path."""
        if path.startswith("/images/"):
            return 200, "image/png", png(len(path) * 20 % 255)
        if path not in self._pages.paths:
            return 404, "text/plain", b"not found\n"
        media_type, render = self._pages.paths[path]
        return 200, media_type, render().encode()

    def __enter__(self) -> "DemoSite":
        Thread(target=self._server.serve_forever, name="demo site", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def path(story: Story) -> str:
    """Where a story is."""
    return f"/{story.language}/{story.slug}"


def png(grey: int) -> bytes:
    """An 8 × 8 picture of one grey (PNG, RFC 2083)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    rows = (b"\0" + bytes([grey]) * 8) * 8
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def _document(language: str, title: str, main: str, head: str = "") -> str:
    direction = "rtl" if language == "ar" else "ltr"
    links = "".join(f"<li><a href='/section/{number}'>{name}</a></li>" for number, name in enumerate(NAVIGATION))
    return (
        f"<!doctype html><html lang='{language}' dir='{direction}'><head><meta charset='utf-8'><title>{escape(title)}</title>{head}"
        f"</head><body><header><nav><ul>{links}</ul></nav></header>{main}"
        "<footer><a href='/legal'>Legal notice</a> <a href='/privacy'>Privacy</a> © The Four Winds</footer></body></html>"
    )
