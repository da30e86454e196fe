"""The doors of the reader that are no bare request: queries, cursors, forms, hubs, what a proxy says, what Redis keeps."""

import contextlib
import functools
import hmac
import tempfile
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import cast
from urllib.parse import parse_qsl

import yaml
from pydantic import ValidationError
from redis import Redis
from sqlmodel import Session, select

from newsmill.exports.changes import read_place
from services.parser.rules import site_rules
from services.reader.access.csrf import form_token
from services.reader.access.sessions import new_session, seal, unseal
from services.reader.api.cursors import decode_cursor, decode_place, encode_cursor, encode_place
from services.reader.pages.login import own_path
from services.reader.queries import looks
from services.reader.queries.search import matching
from services.reader.websub import Verification, is_signed
from shared.database.models import Article
from shared.errors import NewsmillError
from shared.query.document import document
from shared.query.parse import parse
from tests.hostile.door import Door
from tests.hostile.visitor_doors import SERVER_ERROR, Reader
from tests.hostile.words import JSON_WORDS, QUERY_WORDS, REQUEST_WORDS, URL_WORDS, YAML_WORDS

KEY = "k" * 32
TEXT = document("The ferry returned to the new harbour", hosts=["gazette.example"], languages=["pt-br"], tags=["port"])
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@functools.cache
def proxied_reader() -> Reader:
    """Behind a proxy that names the user; with a signing key that the forms of this module know."""
    return Reader(
        behind_proxy=True, reader_user_header="Remote-User", reader_session_key=KEY, reader_hosts="news.example"
    )


@functools.cache
def local_reader() -> Reader:
    return Reader(reader_session_key=KEY)


def take_query(data: bytes) -> None:
    """A search is answered by the database and by a document."""
    query = data.decode(errors="replace").replace("\0", "")
    node = parse(query)
    assert node is None or TEXT.matches(node) in {True, False}
    with Session(local_reader().engine) as session:
        assert session.scalars(select(Article).where(matching(session, Article, query))).all() == []


def take_cursor(data: bytes) -> None:
    """A cursor is one that was given out, or refused."""
    text = data.decode(errors="replace")
    with contextlib.suppress(ValueError):
        assert encode_cursor(decode_cursor(text)) == text
    with contextlib.suppress(ValueError):
        assert encode_place(decode_place(text)) == text
    path = own_path(text)
    assert path.startswith("/")
    assert path[1:2] not in {"/", "\\"}


def take_cookie(data: bytes) -> None:
    """A cookie is nobody's that was not sealed here; a signature over anything else is no session either."""
    text = data.decode("latin-1")
    assert unseal(KEY, text, 1) is None or text in COOKIES


def take_form(data: bytes) -> None:
    """A form with its right token: the path in the first line, then the fields."""
    path, _, fields = data.partition(b"\n")
    body = b"csrf=" + form_token(KEY, "address 127.0.0.1").encode() + b"&" + fields
    head = b"POST %b HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n"
    assert not SERVER_ERROR.search(local_reader().answer(head % (path, len(body)) + body))


def take_proxied(data: bytes) -> None:
    """Headers as a proxy sends them; a user that has no account sees nothing."""
    answer = proxied_reader().answer(b"GET / HTTP/1.1\r\nHost: news.example\r\n" + data + b"\r\n\r\n")
    assert not SERVER_ERROR.search(answer)
    assert not answer.startswith(b"HTTP/1.1 200") or b"Sign in" in answer or data.startswith((b"\r\n", b"\n"))


def take_hub(data: bytes) -> None:
    """What a hub asks, and what it signs; only the right signature is one."""
    query, _, body = data.partition(b"\n")
    with contextlib.suppress(ValidationError):
        lease = Verification.model_validate(dict(parse_qsl(query.decode(errors="replace")))).lease()
        assert lease is None or lease > 0
    assert not is_signed(body, query.decode("latin-1"), "secret")
    assert is_signed(body, "sha256=" + hmac.new(b"secret", body, sha256).hexdigest(), "secret")


class Fields(dict[bytes, bytes]):
    """The one command of Redis that a look needs."""

    def hgetall(self, _key: str) -> dict[bytes, bytes]:
        return dict(self)


def take_look_state(data: bytes) -> None:
    """A look at a site as somebody else wrote it into Redis, a field a line: shown, or as if there were none."""
    pairs = [line.partition(b"=") for line in data.split(b"\n")]
    looks.load(cast("Redis", Fields({name: value for name, _, value in pairs})), "id", NOW)


@functools.cache
def folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="newsmill-door-"))


def take_rules(data: bytes) -> None:
    file = folder() / "rules.yaml"
    file.write_bytes(data)
    with contextlib.suppress(NewsmillError):
        site_rules.read(file)


def take_state(data: bytes) -> None:
    """The state file of an export: a place in the log, or refused."""
    file = folder() / "state.json"
    file.write_bytes(data)
    with contextlib.suppress(NewsmillError):
        assert isinstance(read_place(file), int)


WISH = b'wish={"url": "https://news.example/", "started_at": "2026-01-01T00:00:00Z"}\nlimits=[1, 2]\na={"type": "PageDropped"}'
RULES = yaml.safe_dump(
    {"hosts": ["news.example"], "title": ["h1.title"], "body": ["article > p"], "only_teasers": True}
).encode()
COOKIES = (seal(KEY, new_session(1, "mark")),)
FORMS = (
    b"/login\nname=ada&password=secret&next=/articles", b"/sites/add\nurl=https%3A%2F%2Fnews.example%2F", b"/sites/import\nlist=https://a.example/",
    b"/watches\nname=Ferries&query=ferry&about=articles&fold=on&url=https%3A%2F%2Fhook.example&rhythm=daily&hour=7&zone=Europe%2FParis",
    b"/watches/1/receivers\nurl=mailto%3A%2F%2Fa", b"/pictures\npictures=on", b"/account/tokens\nlabel=a&scope=read", b"/users\nname=a&role=admin",
    b"/sites/00000000000000000000000000000000/edit\nname=a", b"/images/reports\nurl=https%3A%2F%2Fa.example%2Fi.jpg",
)  # fmt: skip
HEADERS = (
    b"Remote-User: ada\r\nX-Forwarded-For: 192.0.2.1\r\nX-Forwarded-Proto: https",
    b"Cookie: newsmill=" + COOKIES[0].encode(),
)
FORM_WORDS = (
    b"%00",
    b"%ff",
    b"&",
    b"=",
    b"+",
    b"%ud800",
    b"9" * 400,
    b"-1",
    b"javascript:",
    b"//evil.example",
    b"\n",
    b"name=",
    b"query=",
    b"url=",
    b"next=",
)

READER_DOORS: dict[str, Door] = {
    "query": Door(take_query, (b'(ferry or tram) "new harbour" -strike harb*', b"mayor NEAR/5 harbour site:gazette.example papers:3 tag:port"), QUERY_WORDS),
    "cursor": Door(take_cursor, (encode_cursor(7).encode(), encode_place(7).encode(), b"/articles/1?a=b", b"start"), URL_WORDS, 1_000),
    "cookie": Door(take_cookie, (COOKIES[0].encode(), b"eyJ.a.b"), (b".", b"==", b"\xff"), 1_000),
    "form": Door(take_form, FORMS, FORM_WORDS),
    "proxied": Door(take_proxied, HEADERS, REQUEST_WORDS),
    "hub": Door(take_hub, (b"hub.mode=subscribe&hub.topic=https://a.example/&hub.challenge=c&hub.lease_seconds=60\n<rss/>", b"sha256=00\nbody"), FORM_WORDS),
    "look-state": Door(take_look_state, (WISH,), JSON_WORDS),
    "rules": Door(take_rules, (RULES,), (*YAML_WORDS, b":has(", b"::before", b":not(:not(", b"[a=", b"*>*")),
    "export-state": Door(take_state, (b'{"articles": 17}',), JSON_WORDS, 1_000),
}  # fmt: skip
