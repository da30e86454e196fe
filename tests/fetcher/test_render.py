"""Pages through a real Chromium, which reaches nobody by itself."""

import os
import shutil
import time

import pytest

from shared.contracts import Access, FetchRequested, Reason
from shared.errors import Drop, TryLater

RENDER = Access(render=True)


def end(fetcher, url: str) -> Drop | TryLater:
    with pytest.raises((Drop, TryLater)) as caught:
        fetcher.fetch(FetchRequested(url=url, access=RENDER))
    return caught.value


def test_without_a_browser_the_page_ends_and_names_the_cure(make, site, monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    error = end(make(), site.page())
    assert (error.reason, "NEWSMILL_FETCH_BROWSER" in error.detail) == (Reason.RENDERING, True)


def test_a_browser_that_dies_is_told_of(make, site, monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: True)
    monkeypatch.setattr("services.fetcher.browser.render.GRACE_SECONDS", 0.1)
    monkeypatch.setattr("sys.executable", "/bin/false")
    assert end(make(), site.page()).reason is Reason.RENDERING


@pytest.mark.browser
class TestWithChromium:
    @pytest.fixture
    def fetcher(self, make, site, monkeypatch):
        browser = os.environ.get("NEWSMILL_FETCH_BROWSER") or shutil.which("chromium")
        assert browser, "no Chromium on PATH: install one, or set NEWSMILL_FETCH_BROWSER"
        for name, value in {"BROWSER": browser, "ALLOW_NETWORKS": "127.0.0.1/32", "ALLOW_PORTS": ""}.items():
            monkeypatch.setenv(f"NEWSMILL_FETCH_{name}", value)
        fetcher = make(fetch_browser=browser)
        yield fetcher
        fetcher._renderer.close()

    def test_what_scripts_write_is_in_the_page(self, fetcher, site, pages) -> None:
        site.answers["/app.js"] = (
            200,
            {"Content-Type": "text/javascript"},
            b"""
            fetch('/api/news').then(r => r.json()).then(news => {
              document.querySelector('main').innerHTML = '<h1>' + news.title + '</h1><p>caf\\u00e9</p>'; })
        """,
        )
        site.answers["/api/news"] = (200, {"Content-Type": "application/json"}, b'{"title": "Quay opens"}')
        url = site.page(
            b"<html><img src='/big.jpg'><link rel=stylesheet href='/s.css'><main></main><script src='/app.js'></script>"
        )
        [fetched] = fetcher.fetch(FetchRequested(url=url, access=RENDER))
        markup = pages.get(fetched.page.key).decode()
        assert "<h1>Quay opens</h1><p>café</p>" in markup
        assert fetched.page.charset == "utf-8"
        assert site.paths() == ["/robots.txt", "/page", "/app.js", "/api/news"]

    def test_what_a_page_asks_for_goes_through_the_guard(self, fetcher, site, pages) -> None:
        port = site.server.server_port
        script = f"""
          const reached = url => fetch(url, {{mode: 'no-cors'}}).then(() => 'yes').catch(() => 'no');
          Promise.all(['http://127.0.0.2/', 'http://127.0.0.3:{port}/x', 'http://169.254.169.254/', 'file:///etc/passwd']
            .map(reached)).then(all => {{ document.title = all.join(' '); }});
          new WebSocket('ws://127.0.0.1:{port}/socket');
          navigator.sendBeacon('/beacon', 'x');
        """
        url = site.page(f"<html><title>?</title><script>{script}</script>".encode())
        [fetched] = fetcher.fetch(FetchRequested(url=url, access=RENDER))
        assert b"<title>no no no no</title>" in pages.get(fetched.page.key)
        assert site.paths() == ["/robots.txt", "/page"]

    def test_a_page_that_never_ends_is_left(self, make, fetcher, site) -> None:
        hurried = make(fetch_total_timeout=4, fetch_browser=os.environ["NEWSMILL_FETCH_BROWSER"])
        url = site.page(b"<html><script>while (true) {}</script>")
        began = time.monotonic()
        assert end(hurried, url).reason is Reason.RENDERING
        assert time.monotonic() - began < 15
        hurried._renderer.close()
