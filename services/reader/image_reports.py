"""Reports of images by readers, and what persons with the token decide: taken in here, counted by the storage worker."""

import hmac
from collections.abc import Callable
from hashlib import sha256
from secrets import token_hex
from time import time
from typing import Annotated, Any, cast
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from redis import Redis
from sqlalchemy import func, or_, select
from sqlmodel import col

from services.reader.dependencies import Bearer, Broker, Config, Database, may_write
from services.reader.queries import blocked_subjects
from services.reader.settings import ReaderSettings
from shared.contracts import ImageJudged, ImageReported, Message
from shared.database.models import Image, ImageAudit, ImageReport
from shared.urls import fetchable, fingerprint

SALT = "newsmill:reader-salt"
LIMIT = "newsmill:reports:"
MINUTE = 60
THANKS = "Thank you: the image was reported. It will be hidden if others report it too."

router = APIRouter(tags=["images"])


def _fetchable(url: str) -> str:
    fetchable(url)
    return url


Url = Annotated[str, Field(max_length=8192), AfterValidator(_fetchable)]


class Report(BaseModel):
    """An image that should not be shown, and why. `reporter` names a reader where a program reports for several."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    reason: str | None = Field(None, max_length=200)
    reporter: str | None = Field(None, min_length=1, max_length=200)


class Judgement(BaseModel):
    """An image that is to be blocked, or to be shown again."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    blocked: bool
    actor: str = Field("api", min_length=1, max_length=64)
    detail: str | None = Field(None, max_length=200)


class Thanks(BaseModel):
    """What a reporter is told, whether the image is known or not."""

    message: str = THANKS


class Case(BaseModel):
    """What is known of an image's reports."""

    url: str
    content_hash: str | None
    blocked: bool
    reporters: int
    audit: list[dict[str, Any]]


@router.post("/v1/images/reports", status_code=202)
def report(request: Request, redis: Broker, settings: Config, bearer: Bearer, given: Report) -> Thanks:
    """Takes a report. One reader repeating it changes nothing; naming others needs the token."""
    if given.reporter is not None:
        # Else anybody could be as many reporters as it takes.
        may_write(request, settings, bearer)
    _take(request, redis, settings, given)
    return Thanks()


@router.post("/images/reports", include_in_schema=False)
async def report_form(request: Request, redis: Broker, settings: Config) -> HTMLResponse:
    """The same from the form on an article's page."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403, "reports are taken from this reader's own pages")
    body = (await request.body())[:10_000].decode(errors="replace")
    fields = {name: values[0] for name, values in parse_qs(body).items() if name in ("url", "reason")}
    try:
        given = Report(**fields)
    except ValueError:
        raise HTTPException(422, "no image's URL") from None
    _take(request, redis, settings, given)
    return HTMLResponse(f"<!doctype html><html lang='en'><title>Thank you</title><p>{THANKS}</p>")


@router.post("/v1/images/blocks", status_code=202, dependencies=[Depends(may_write)])
def judge(request: Request, given: Judgement) -> Judgement:
    """Blocks an image on every copy, or undoes that."""
    _send(request)([ImageJudged(**given.model_dump(), via="api")])
    return given


@router.get("/v1/images", dependencies=[Depends(may_write)])
def case(session: Database, url: Annotated[str, Query(max_length=8192), AfterValidator(_fetchable)]) -> Case:
    """An image's state: whether it is blocked, how many have reported it, and what was done when."""
    key = fingerprint(url)
    content_hash = session.scalar(select(func.max(col(Image.content_hash))).where(col(Image.key) == key))
    names = [name for name in (content_hash, key) if name]
    audit = session.scalars(select(ImageAudit).where(col(ImageAudit.subject).in_(names)).order_by(col(ImageAudit.id)))
    about = or_(col(ImageReport.image_key) == key, col(ImageReport.content_hash) == (content_hash or ""))
    reporters = session.scalar(select(func.count(func.distinct(col(ImageReport.reporter)))).where(about))
    rows = [row.model_dump(mode="json", exclude={"id", "subject"}) for row in audit]
    blocked = bool(blocked_subjects(session, names))
    return Case(url=url, content_hash=content_hash, blocked=blocked, reporters=reporters or 0, audit=rows)


def _take(request: Request, redis: "Redis", settings: ReaderSettings, given: Report) -> None:
    client = _client(request, settings)
    _limit(redis, client, settings.report_limit)
    # Neither name nor address leaves this process in clear.
    reporter = hmac.new(_salt(redis), (given.reporter or client).encode(), sha256).hexdigest()
    _send(request)([ImageReported(url=given.url, reporter=reporter, reason=given.reason, via="api")])


def _send(request: Request) -> Callable[[list[Message]], None]:
    return cast("Callable[[list[Message]], None]", request.app.state.courier)


def _client(request: Request, settings: ReaderSettings) -> str:
    """The address of who asks; what a proxy says of it counts only if the setting says that there is one."""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    direct = request.client.host if request.client else ""
    return forwarded if settings.behind_proxy and forwarded else direct


def _limit(redis: "Redis", client: str, most: int) -> None:
    """Raises 429 for a client that reports more than so often a minute."""
    window = int(time() // MINUTE)
    key = f"{LIMIT}{hmac.new(_salt(redis), client.encode(), sha256).hexdigest()[:32]}:{window}"
    with redis.pipeline(transaction=True) as pipe:
        pipe.incr(key)
        pipe.expire(key, 2 * MINUTE)
        count = pipe.execute()[0]
    if count > most:
        wait = int((window + 1) * MINUTE - time()) + 1
        raise HTTPException(429, f"at most {most} reports a minute", headers={"Retry-After": str(wait)})


def _salt(redis: "Redis") -> bytes:
    """A random key, made once: without it an address could be guessed from its hash."""
    redis.set(SALT, token_hex(32), nx=True)
    return cast("bytes", redis.get(SALT))
