"""Takes a picture of each page of the reader, on a database of invented news: light, dark, on a phone, and in Arabic.

    .venv/bin/python docs/pictures/pages.py [--articles 100000] [--keep FILE] [--database URL]

The database is made of bench/news_world.py and bench/news_troubles.py; --keep names a SQLite file that is made once and used
again, --database another database. Pages that need an account are taken on loopback, where nobody needs one.
"""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from redis import Redis
from sqlalchemy import select
from sqlmodel import Session, col

sys.path.insert(0, str(Path(__file__).parents[2]))

from bench.news_troubles import add_troubles
from bench.news_world import fill
from bench.pages import newest_article, reader, redis_server
from services.storage.migrate import migrate
from shared.database.engine import make_engine
from shared.database.models import Site

FOLDER = Path(__file__).parent
WIDE, PHONE = {"width": 1100, "height": 700}, {"width": 390, "height": 800}
VIEWS = {"light": ("light", WIDE), "dark": ("dark", WIDE), "phone": ("light", PHONE)}


def pages(newest: int, site: str) -> dict[str, str]:
    """Returns the pages that are taken, by the names of their pictures."""
    edited = newest // 10 * 10
    return {
        "headlines": "/", "search": "/?q=ferry+company", "headlines-arabic": "/?language=ar", "article": f"/articles/{edited}",
        "unread": "/?show=unread", "users": "/users", "audit": "/audit", "site": f"/sites/{site}", "dead-letters": "/pipeline/dead?stage=fetch&cause=crashed",
        "version": f"/articles/{edited}/versions/2", "stories": "/stories", "story": "/stories", "trends": "/trends?q=council&by=site&days=30",
        "sites": "/sites", "watches": "/watches", "watch": "/watches/1", "new-watch": "/watches/new?q=ferry+company+language:en", "pipeline": "/pipeline", "images": "/images",
        "keys": "/",
    }  # fmt: skip


def take(browser: Browser, address: str, newest: int, site: str) -> None:
    """Writes the pictures."""
    for view, (light, size) in VIEWS.items():
        page = browser.new_page(viewport=size, color_scheme=light)
        for name, path in pages(newest, site).items():
            page.goto(address + path)
            if name == "story":
                page.locator("tbody th a").first.click()
            if name == "keys":
                page.keyboard.press("?")
            page.screenshot(path=FOLDER / f"{name}-{view}.png")
        page.goto(f"{address}/?language=ar")
        page.locator(".item .text a").first.click()
        page.screenshot(path=FOLDER / f"article-arabic-{view}.png")
        page.close()


def main() -> None:
    """Makes the database where there is none yet, and takes the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--database")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="newsmill-pictures-"))
    url = arguments.database or f"sqlite:///{arguments.keep or folder / 'news.db'}"
    migrate(url)
    engine = make_engine(url)
    if not newest_article(engine):
        fill(engine, arguments.articles)
    with sync_playwright() as playwright, redis_server(folder) as redis_url, reader(engine, redis_url) as port:
        add_troubles(engine, Redis.from_url(redis_url))
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        with Session(engine) as session:
            site = session.scalars(select(col(Site.key)).order_by(col(Site.id)).limit(1)).one()
        take(browser, f"http://127.0.0.1:{port}", newest_article(engine), site)
        browser.close()
    engine.dispose()
    shutil.rmtree(folder)


main()
