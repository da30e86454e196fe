"""What every message carries, and the raw page beside it."""

from datetime import UTC, datetime
from typing import Any, Literal, Self
from uuid import uuid4

from pydantic import AwareDatetime, Field

from shared.contracts.model import Model
from shared.contracts.vocabulary import Origin, Reason

# How many failed attempts a message carries.
MAX_TRIES = 20


class Access(Model):
    """How to reach a source that needs more than a plain request.

    `login` and `proxy` name entries of the fetcher's access file, which holds the secrets: no message carries a secret.
    `render` fetches the page with a browser. `sitemaps` also fetches the sitemaps that its robots.txt lists,
    of which recent news is taken.
    """

    login: str | None = Field(default=None, max_length=64)
    proxy: str | None = Field(default=None, max_length=64)
    render: bool = False
    sitemaps: bool = False


class Page(Model):
    """A downloaded page: its addresses and the key of its bytes in the page store, without the bytes.

    `url` is the requested URL, `final_url` the URL after redirects and `moved_to` the target of permanent redirects.
    `key` is the key in the page store, `body_hash` the SHA-256 of the decoded body in hexadecimal and `size` its length
    in bytes. `etag` and `last_modified` are empty when the server's cannot be trusted. `robots` is what robots.txt says, in words.
    `fresh_seconds` is how long the response says that it stays fresh.
    """

    url: str
    final_url: str
    key: str
    status: int = 200
    media_type: str | None = None
    charset: str | None = None
    body_hash: str = ""
    size: int = 0
    etag: str | None = None
    last_modified: str | None = None
    redirects: tuple[str, ...] = ()
    moved_to: str | None = None
    robots: str | None = Field(default=None, max_length=200)
    fresh_seconds: int | None = Field(default=None, ge=0)
    fetched_at: AwareDatetime


class Attempt(Model):
    """A failed attempt: its time, its stage and the reason."""

    at: AwareDatetime
    stage: str
    reason: Reason
    detail: str = Field(default="", max_length=300)


def now_utc() -> datetime:
    """Returns the present instant, UTC."""
    return datetime.now(UTC)


class Message(Model):
    """The fields of every message.

    `cause` is the trace of the page that links to this URL. `attempt` counts from 1. `priority` is 0 (lowest) to 9
    (highest). `triggered_at` is when the trigger was accepted. `access` is that of the source, and is passed on to the
    pages that it links to. `via` is where the request came from: `stream`, `api`, `cli`, `celery`, `source`, `headline`,
    `sitemap`, `import`, `retry`, `revisit` or `websub`. `tries` are the failed attempts so far.
    """

    version: Literal[1] = 1
    trace_id: str = Field(default_factory=lambda: uuid4().hex, min_length=1, max_length=64)
    cause: str | None = None
    source_id: int | None = None
    origin: Origin = Origin.LIVE
    triggered_at: AwareDatetime = Field(default_factory=now_utc)
    attempt: int = Field(default=1, ge=1)
    priority: int = Field(default=5, ge=0, le=9)
    access: Access | None = None
    via: str | None = Field(default=None, max_length=32)
    tries: tuple[Attempt, ...] = ()

    def envelope(self) -> dict[str, Any]:
        """Returns the fields that the next message of the same trace keeps. A new stage starts at attempt 1."""
        names = ("trace_id", "cause", "source_id", "origin", "triggered_at", "priority", "access", "via", "tries")
        return {name: getattr(self, name) for name in names}

    def next_attempt(self, failed: Attempt | None = None) -> Self:
        """Returns the message with its attempt counted up; `failed` is the attempt that failed."""
        tries = (*self.tries, failed)[-MAX_TRIES:] if failed else self.tries
        return self.model_copy(update={"attempt": self.attempt + 1, "tries": tries})
