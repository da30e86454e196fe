"""What `newsmill fetch` and `newsmill host` show, from the command line against a real server and Redis."""

import json

import pytest
from typer.testing import CliRunner

from newsmill.cli import app


@pytest.fixture
def run(redis_url, redis, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEWSMILL_REDIS_URL", redis_url)
    monkeypatch.setenv("NEWSMILL_FETCH_ALLOW_NETWORKS", "127.0.0.1/32")
    monkeypatch.setenv("NEWSMILL_FETCH_ALLOW_PORTS", "")
    monkeypatch.setenv("NEWSMILL_HOST_INTERVAL", "0.2")

    def invoke(*args: str):
        return CliRunner().invoke(app, list(args))

    return invoke


def test_a_fetch_shows_each_step_the_robots_txt_the_turn_and_the_encoding(run, site) -> None:
    site.answers["/robots.txt"] = (200, {}, f"User-agent: *\nSitemap: {site.url}/news.xml".encode())
    site.page(b"", 301, "/old", Location="/page")
    site.page("<p>Le maire a décidé d'élever la digue</p>".encode("latin-1"), ETag='"7"')
    shown = run("fetch", f"{site.url}/old").output
    for words in (
        f"GET {site.url}/robots.txt: 200", f"GET {site.url}/old: 301 -> /page", f"GET {site.url}/page: 200",
        "allows it to Newsmill", "/news.xml", "one request in 0.2 s (setting)", "cp1252 (detected from its text)",
        f"moved-to {site.url}/page", 'etag "7"', "first byte", "bytes on the wire",
    ):  # fmt: skip
        assert words in shown, shown
    assert site.paths() == ["/robots.txt", "/old", "/page"]


def test_a_fetch_that_ends_says_why_and_exits_with_one(run, site) -> None:
    site.answers["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /page")
    result = run("fetch", site.page())
    assert result.exit_code == 1
    assert "end: robots: robots.txt forbids" in result.output
    assert "forbids it to Newsmill" in result.output


def test_a_fetch_as_json(run, site) -> None:
    report = json.loads(run("fetch", site.page(), "--json").output)
    assert (report["end"], report["page"]["status"], report["encoding"]["codec"]) == ("fetched", 200, "utf-8")
    assert {"address", "connect", "first_byte", "wire_bytes", "turn"} <= report["steps"][-1].keys()


def test_a_fetch_gives_its_turns_back(run, site) -> None:
    for _ in range(3):
        assert json.loads(run("fetch", site.page(), "--json").output)["host"]["in_flight"] == 0


def test_a_host_is_shown_and_paused_and_resumed(run, site) -> None:
    run("fetch", site.page(b"", 503, Retry_After="60"))
    shown = run("host", "127.0.0.1").output
    assert "127.0.0.1: slowed down" in shown
    assert "one request in 2 s (complaints)" in shown
    assert "asked for rest for" in shown
    assert "127.0.0.1: paused" in run("host", "127.0.0.1", "--pause").output
    assert json.loads(run("host", "www.127.0.0.1.example", "--json").output)["host"] == "127.0.0.1.example"
    assert "slowed down" in run("host", "127.0.0.1", "--resume").output
