"""The demo site's pages: a front page, articles, a feed, a sitemap and a page in the layout of a press aggregator."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from html import escape
from typing import Any

from newsmill.demo_site.stories import STORIES, TICKER, Story

AGGREGATED = "/fr/lecourrier/1001"
SITE = "The Four Winds"
NAVIGATION = {
    "/": "Home", "/world": "World", "/culture": "Culture", "/sports": "Sports", "/newsletters": "Newsletters",
    "/subscribe": "Subscribe", "/about": "About us",
}  # fmt: skip
SMALL_PRINT = {
    "/legal": "Legal notice",
    "/privacy": "Privacy",
    "/politics": "Politique",
    "/fr/lecourrier": "Le Courrier",
}


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
        for where, title in furniture().items():
            self.paths.setdefault(where, ("text/html; charset=utf-8", partial(_plain, title)))
        for story in STORIES:
            self.paths[path(story)] = ("text/html; charset=utf-8", partial(self.article, story))

    def front(self) -> str:
        """The front page: a lead, teasers and a link to the aggregator's page, among the usual furniture."""
        lead, *stories = STORIES
        teasers = "".join(self._teaser(story, number) for number, story in enumerate(stories, 1))
        ticker = f'<li><a href="{AGGREGATED}">Les ateliers du port de Lisle reprennent vie, racontent leurs artisans</a></li>'
        return _document(
            "en", SITE,
            f"<main><section class='lead'>{self._teaser(lead, 0, 'h1')}</section><section class='river'>{teasers}</section>"
            f"<section class='partners'><ul>{ticker}</ul></section></main>",
        )  # fmt: skip

    def article(self, story: Story) -> str:
        """An article with JSON-LD and OpenGraph, its byline and date on the page too."""
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
            f'<a href="{where}">{escape(text)}</a>&nbsp;&nbsp;&nbsp;&nbsp;' for where, text in ticker_links().items()
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
            '<div class="menu"><a href="/politics">Politique</a><a href="/sports">Sports</a><a href="/fr/lecourrier">Le Courrier</a></div>'
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


def path(story: Story) -> str:
    """Where a story is."""
    return f"/{story.language}/{story.slug}"


def furniture() -> dict[str, str]:
    """The titles of pages that are no news, so that no link of the site is dead."""
    return NAVIGATION | SMALL_PRINT | ticker_links()


def ticker_links() -> dict[str, str]:
    """The aggregator's ticker: headlines by where they lead."""
    return {f"/fr/lecourrier/{2000 + number}": text for number, text in enumerate(TICKER)}


def _plain(title: str) -> str:
    return _document("en", title, f"<main><h1>{escape(title)}</h1></main>")


def _document(language: str, title: str, main: str, head: str = "") -> str:
    direction = "rtl" if language == "ar" else "ltr"
    links = "".join(f"<li><a href='{where}'>{name}</a></li>" for where, name in NAVIGATION.items())
    return (
        f"<!doctype html><html lang='{language}' dir='{direction}'><head><meta charset='utf-8'><title>{escape(title)}</title>{head}"
        f"</head><body><header><nav><ul>{links}</ul></nav></header>{main}"
        "<footer><a href='/legal'>Legal notice</a> <a href='/privacy'>Privacy</a> © The Four Winds</footer></body></html>"
    )
