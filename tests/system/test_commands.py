"""The commands that work on a running system, from outside: import with a kill in the middle, why, replay, dead letters."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

pytestmark = pytest.mark.process
NEWSMILL = Path(sys.executable).parent / "newsmill"
PAGES = 240


def page(number: int) -> tuple[str, bytes]:
    title = f"Council number {number} votes on the harbour"
    text = "".join(
        f"<p>The vote of council {number} was close, and part {part} of it took {number + part} minutes.</p>"
        for part in range(8)
    )
    html = f"<!doctype html><html lang='en'><title>{title}</title><meta property='og:type' content='article'><article><h1>{title}</h1>{text}</article></html>"
    return f"https://paper{number % 7}.example/2026/council-{number}", html.encode()


def make_warc(path: Path) -> None:
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for number in range(PAGES):
            url, body = page(number)
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
            dated = {"WARC-Date": "2026-02-01T10:00:00Z"}
            record = writer.create_warc_record(
                url, "response", payload=BytesIO(body), length=len(body), http_headers=head, warc_headers_dict=dated
            )
            writer.write_record(record)


class Newsmill:
    """A running system in a folder, and its commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = (folder / "out").open("w")
        self.process = subprocess.Popen(
            [NEWSMILL, "run"],
            cwd=folder,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
            env=os.environ | {"NEWSMILL_CUSTODY_SECONDS": "10"},
        )
        self.until((folder / "data" / "run.json").exists)
        self.doors = json.loads((folder / "data" / "run.json").read_text())
        self.redis = Redis.from_url(self.doors["redis"])

    def do(self, *arguments: str, fails: bool = False) -> str:
        done = subprocess.run(
            [NEWSMILL, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=120, check=False
        )
        assert (done.returncode != 0) == fails, done.stderr
        return done.stdout

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [NEWSMILL, *arguments], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def query(self, statement: str) -> Any:
        with sqlite3.connect(self.folder / "data" / "newsmill.db", timeout=30) as connection:
            # The triggers of the search index call it when a text is changed; these texts are plain English.
            connection.create_function("newsmill_words", 1, str.lower)
            rows = connection.execute(statement).fetchall()
        connection.close()
        return rows

    def until(self, condition: Callable[[], Any], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, (self.folder / "out").read_text()
            time.sleep(0.05)

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(60)
        self.log.close()


@pytest.fixture(scope="module")
def newsmill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsmill]:
    running = Newsmill(tmp_path_factory.mktemp("commands"))
    yield running
    running.stop()


def test_an_import_that_is_killed_goes_on_where_it_was_and_brings_each_page_once(newsmill: Newsmill) -> None:
    make_warc(newsmill.folder / "news.warc.gz")
    killed = newsmill.start("import", "news.warc.gz")
    newsmill.until(lambda: newsmill.redis.hlen("newsmill:imports"))
    killed.kill()
    killed.wait()
    report = json.loads(newsmill.do("import", "news.warc.gz", "--wait", "--json"))
    assert report["sent"] < PAGES, "what was sent is not sent again"
    stored = newsmill.query("SELECT p.url, p.body_hash FROM page p JOIN article a ON a.id = p.article_id")
    assert sorted(stored) == sorted((url, sha256(body).hexdigest()) for url, body in map(page, range(PAGES)))
    assert newsmill.query("SELECT count(*), min(origin), max(via) FROM visit") == [(PAGES, "backfill", "import")]
    assert json.loads(newsmill.do("import", "news.warc.gz", "--json"))["sent"] == 0


def test_a_folder_of_saved_pages_and_a_list_of_urls_are_imported(newsmill: Newsmill) -> None:
    saved = newsmill.folder / "saved"
    saved.mkdir()
    note = b"<!-- saved from url=(0030)https://saved.example/article-1 -->"
    (saved / "one.html").write_bytes(page(1000)[1].replace(b"<html", note + b"<html", 1))
    (saved / "nameless.html").write_bytes(page(1001)[1])
    (newsmill.folder / "urls.txt").write_text("# private, so it ends at once\nhttp://127.0.0.1:9/x\n")
    reports = [json.loads(line) for line in newsmill.do("import", "saved", "urls.txt", "--wait", "--json").splitlines()]
    assert [(report["sent"], report["skipped"]) for report in reports] == [(1, {"no-url": 1}), (1, {})]
    ends = dict(newsmill.query("SELECT url, disposition FROM page"))
    assert ends["https://saved.example/article-1"] == "stored"
    assert ends["http://127.0.0.1:9/x"] == "address-refused"
    newsmill.do("import", "out", fails=True)


def test_why_tells_the_life_of_a_url(newsmill: Newsmill) -> None:
    url = page(3)[0]
    history = json.loads(newsmill.do("why", url, "--json"))
    [visit] = history["visits"]
    assert (visit["via"], visit["disposition"], history["disposition"]) == ("import", "stored", "stored")
    assert [step["what"] for step in visit["steps"]] == ["fetched"]
    assert history["article"]["title"] == "Council number 3 votes on the harbour"
    assert visit["kept"]
    text = newsmill.do("why", url)
    assert "asked for by import" in text
    assert "nobody has asked" in newsmill.do("why", "https://never.example/")
    assert "cannot be fetched" in newsmill.do("why", "ftp://never.example/")


def test_replay_reports_what_today_s_parser_makes_of_kept_pages_and_writes_it_over(newsmill: Newsmill) -> None:
    report = json.loads(newsmill.do("replay", "--dry-run", "--json"))
    assert report["outcomes"] == {"the same": PAGES + 1}
    url = page(5)[0]
    # As if an older parser had read half of it.
    newsmill.query(f"UPDATE article SET text = 'Half.', body_hash = 'old' WHERE url = '{url}'")
    newsmill.query("UPDATE article_version SET text = 'Half.', body_hash = 'old' WHERE title LIKE 'Council number 5 %'")
    report = json.loads(newsmill.do("replay", "--url", url, "--json", "--dry-run"))
    assert report["fields"]["text"] == {"changed": 1}
    newsmill.do("replay", "--url", url)
    newsmill.until(lambda: newsmill.query(f"SELECT text FROM article WHERE url = '{url}'") != [("Half.",)])
    assert newsmill.query(f"SELECT version FROM article WHERE url = '{url}'") == [(1,)]
    missing = json.loads(newsmill.do("replay", "--where", "authors=missing", "--limit", "3", "--dry-run", "--json"))
    assert missing["pages"] == 3
    newsmill.do("replay", "--where", "nonsense=missing", fails=True)


def test_kept_pages_are_one_warc_that_can_be_imported(newsmill: Newsmill) -> None:
    newsmill.do("warc", "kept.warc.gz")
    assert newsmill.query("SELECT count(kept) FROM visit WHERE via = 'import' AND disposition = 'stored'") == [
        (PAGES + 1,)
    ]
    report = json.loads(newsmill.do("import", "kept.warc.gz", "--wait", "--json"))
    assert report["sent"] == PAGES + 1
    assert newsmill.query("SELECT count(*) FROM article") == [(PAGES + 1,)]
    assert newsmill.query("SELECT count(*) FROM article_version") == [(PAGES + 1,)]


def test_dead_letters_are_listed_shown_tried_again_and_dropped(newsmill: Newsmill) -> None:
    newsmill.redis.xadd("newsmill:triggers", {"url": "ftp://news.example/"})
    newsmill.until(lambda: newsmill.do("dead", "list") != "no dead letters\n")
    assert "trigger" in newsmill.do("dead", "list")
    [letter] = [json.loads(line) for line in newsmill.do("dead", "list", "--letters").splitlines()]
    assert json.loads(newsmill.do("dead", "show", letter["id"]))["payload"] == {"url": "ftp://news.example/"}
    newsmill.do("dead", "retry", "--cause", "malformed")
    newsmill.until(lambda: newsmill.do("dead", "list") != "no dead letters\n")
    newsmill.do("dead", "drop", "--all")
    assert newsmill.do("dead", "list") == "no dead letters\n"
    assert json.loads(newsmill.do("dead", "list", "--json")) == {"groups": [], "brakes": {}}
    newsmill.do("dead", "resume", "nope", fails=True)
    assert newsmill.do("dead", "resume", "fetch") == "fetch does not brake\n"
    newsmill.do("dead", "show", "0000", fails=True)
    newsmill.do("dead", "drop", "0000", fails=True)
    entries = json.loads(newsmill.do("audit", "--limit", "3", "--json"))["entries"]
    assert [(entry["via"], entry["action"], entry["subject"]) for entry in entries] == [
        ("cli", "release_brake", "fetch"), ("cli", "drop_letters", "all"), ("cli", "retry_letters", "malformed"),
    ]  # fmt: skip


def test_a_page_that_crashes_its_handler_can_be_tried_again_with_its_page(newsmill: Newsmill) -> None:
    """A letter of the parser: its page waits in Redis until it is read, or dropped."""
    newsmill.redis.set("newsmill:page:lost", b"no zstd frame")
    message = {
        "type": "PageFetched", "version": 1, "trace_id": "lost",
        "page": {"url": "https://a.example/x", "final_url": "https://a.example/x", "key": "lost", "fetched_at": "2026-03-01T10:00:00Z"},
    }  # fmt: skip
    program = (
        "import json, sys\nfrom shared.contracts import decode\nfrom newsmill.running_system import find_system\n"
        "system = find_system()\nsystem.sender(system.redis())([decode(json.load(sys.stdin))])\n"
    )
    subprocess.run([sys.executable, "-c", program], input=json.dumps(message).encode(), cwd=newsmill.folder, check=True)
    newsmill.until(lambda: newsmill.do("dead", "list") != "no dead letters\n")
    newsmill.until(lambda: newsmill.query("SELECT disposition FROM page WHERE trace_id = 'lost'") == [("crashed",)])
    letters = [json.loads(line) for line in newsmill.do("dead", "list", "--letters").splitlines()]
    assert [(letter["stage"], letter["trace_id"], letter["times"]) for letter in letters] == [("parse", "lost", 1)]
    [letter] = letters
    assert newsmill.redis.exists("newsmill:page:lost")
    newsmill.do("dead", "retry", letter["id"])
    newsmill.until(lambda: newsmill.do("dead", "list", "--letters"))
    [again] = [json.loads(line) for line in newsmill.do("dead", "list", "--letters").splitlines()]
    assert (again["id"], again["times"]) == (letter["id"], 2)
    newsmill.do("dead", "drop", "--stage", "parse")
    assert not newsmill.redis.exists("newsmill:page:lost")


def test_a_backup_of_the_running_database_is_whole(newsmill: Newsmill) -> None:
    newsmill.do("backup", "copy.db")
    with sqlite3.connect(newsmill.folder / "copy.db") as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert copy.execute("SELECT count(*) FROM article").fetchall() == newsmill.query("SELECT count(*) FROM article")
    copy.close()


def test_an_image_is_blocked_and_shown_again(newsmill: Newsmill) -> None:
    url = "https://img.example/1.jpg"
    newsmill.do("image", "show", url, fails=True)
    newsmill.do("image", "block", url, "--why", "not ours")
    newsmill.until(lambda: newsmill.query("SELECT count(*) FROM image_audit") == [(1,)])
    assert json.loads(newsmill.do("image", "show", url))["blocked"]
    newsmill.do("image", "unblock", url)
    newsmill.until(lambda: not json.loads(newsmill.do("image", "show", url))["blocked"])
    assert [row["action"] for row in json.loads(newsmill.do("image", "show", url))["audit"]] == ["blocked", "unblocked"]
