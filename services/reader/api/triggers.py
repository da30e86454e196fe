"""Triggers over HTTP: a URL is put on the stream `newsmill:triggers`, and its progress can be looked up."""

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal, cast
from uuid import uuid4

from fastapi import APIRouter, HTTPException, Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from redis import Redis
from sqlmodel import Session

from services.reader.dependencies import BEARER, Broker, Config, Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.queries import news
from shared.contracts import Kind, Origin
from shared.later import CUSTODY, MESSAGES, fields_of, url_of
from shared.queues import TRIGGER_LANES, TRIGGERS
from shared.urls import fetchable
from shared.worker.pressure import Pressure

STREAM_BATCH = 1000
# Seconds; where anything moves, memory is freed in that time.
RETRY_AFTER = "30"

router = APIRouter(prefix="/v1/triggers", tags=["triggers"], route_class=BoundedRoute, dependencies=[BEARER])


def _fetchable(url: str) -> str:
    fetchable(url)
    return url


class Trigger(BaseModel):
    """A URL to fetch. The scheduler decides the fields that are left out."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, AfterValidator(_fetchable)]
    kind: Kind | None = None
    priority: int | None = Field(None, ge=0, le=9, description="From 0, whenever, to 9, at once.")
    follow: bool | None = Field(None, description="Fetch what a listing links to.")
    origin: Origin | None = None
    fresh: bool | None = Field(None, description="Fetch it even if it ended before, and without conditions.")

    def fields(self) -> dict[str, str]:
        """Returns the stream entry's fields, as text."""
        values = self.model_dump(mode="json", exclude_none=True)
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}


class Accepted(BaseModel):
    """The id of a trigger: the `trace_id` of every message that follows from it."""

    id: str


class State(BaseModel):
    """How far a trigger has come. `disposition` is how its URL ended."""

    id: str
    state: Literal["queued", "under-way", "ended", "unknown"]
    disposition: str | None = None
    url: str | None = None


@router.post("", status_code=202)
def submit(redis: Broker, settings: Config, trigger: Trigger) -> Accepted:
    """Puts a URL on the stream of triggers; 503 while Redis has no room for it."""
    if (reason := Pressure(redis, settings).refusal()) is not None:
        raise HTTPException(503, f"{reason}; send it again later", headers={"Retry-After": RETRY_AFTER})
    trace_id = uuid4().hex
    redis.xadd(TRIGGERS, cast("dict[Any, Any]", trigger.fields() | {"id": trace_id, "via": "api"}))
    return Accepted(id=trace_id)


@router.get("/{id}")
def get_state(
    sessions: Sessions,
    redis: Broker,
    id: Annotated[str, Path(max_length=64, pattern=r"^[^\x00]+$")],  # noqa: A002 - the path's own name
) -> State:
    """How far a trigger has come."""
    with sessions() as session:
        state = _in_ledger(session, id) or _in_custody(redis, id) or _on_stream(redis, id)
        # It may have moved from one place to the next between the look-ups.
        return state or _in_custody(redis, id) or _in_ledger(session, id) or State(id=id, state="unknown")


def _in_ledger(session: Session, trace_id: str) -> State | None:
    session.expire_all()
    page = news.page_of_trace(session, trace_id)
    if page is None:
        return None
    state: Literal["ended", "under-way"] = "ended" if page.disposition else "under-way"
    return State(id=trace_id, state=state, disposition=page.disposition, url=page.url)


def _in_custody(redis: "Redis", trace_id: str) -> State | None:
    if redis.zscore(CUSTODY, trace_id) is None:
        return None
    message = fields_of(cast("bytes | None", redis.hget(MESSAGES, trace_id)) or b"{}")
    return State(id=trace_id, state="under-way", url=url_of(message))


def _on_stream(redis: "Redis", trace_id: str) -> State | None:
    for fields in _newest_first(redis):
        if fields.get(b"id") == trace_id.encode():
            return State(id=trace_id, state="queued", url=fields.get(b"url", b"").decode(errors="replace"))
    return None


def _newest_first(redis: "Redis") -> Iterator[dict[bytes, bytes]]:
    for stream in (TRIGGERS, *TRIGGER_LANES):
        last = "+"
        while rows := cast(
            "list[tuple[bytes, dict[bytes, bytes]]]", redis.xrevrange(stream, max=last, count=STREAM_BATCH)
        ):
            yield from (fields for _, fields in rows)
            last = f"({rows[-1][0].decode()}"
