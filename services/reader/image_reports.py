"""Reports of images by readers, and judgements of them with the token. The storage worker counts both."""

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
from sqlmodel import Session, col

from services.reader.access import Bearer, check_token, require_token
from services.reader.dependencies import Broker, Config, Sessions
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
    """An image that should not be shown, and why. A program that reports for several readers names each in `reporter`."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    reason: str | None = Field(None, max_length=200)
    reporter: str | None = Field(None, min_length=1, max_length=200)


class Judgement(BaseModel):
    """A decision to block an image, or to show it again."""

    model_config = ConfigDict(extra="forbid")

    url: Url
    blocked: bool
    actor: str = Field("api", min_length=1, max_length=64)
    detail: str | None = Field(None, max_length=200)


class Thanks(BaseModel):
    """The answer to a report. It is the same whether the image is stored or not."""

    message: str = THANKS


class ImageState(BaseModel):
    """Whether an image is blocked, the number of its reporters, and what was done when."""

    url: str
    content_hash: str | None
    blocked: bool
    reporters: int
    audit: list[dict[str, Any]]


@router.post("/v1/images/reports", status_code=202)
def report_image(request: Request, redis: Broker, settings: Config, bearer: Bearer, report: Report) -> Thanks:
    """Takes a report. A reader's second report changes nothing; naming other reporters needs the token."""
    if report.reporter is not None:
        # Else a single client could be as many reporters as a block needs.
        check_token(request, settings, bearer)
    _accept(request, redis, settings, report)
    return Thanks()


@router.post("/images/reports", include_in_schema=False)
async def report_form(request: Request, redis: Broker, settings: Config) -> HTMLResponse:
    """Takes a report from the form on an article's page."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403, "reports are taken from this reader's own pages")
    body = (await request.body())[:10_000].decode(errors="replace")
    fields = {name: values[0] for name, values in parse_qs(body).items() if name in ("url", "reason")}
    try:
        report = Report(**fields)
    except ValueError:
        raise HTTPException(422, "no image's URL") from None
    _accept(request, redis, settings, report)
    return HTMLResponse(f"<!doctype html><html lang='en'><title>Thank you</title><p>{THANKS}</p>")


@router.post("/v1/images/blocks", status_code=202, dependencies=[Depends(require_token)])
def judge_image(request: Request, judgement: Judgement) -> Judgement:
    """Blocks an image on every copy, or shows it again."""
    _sender(request)([ImageJudged(**judgement.model_dump(), via="api")])
    return judgement


@router.get("/v1/images", dependencies=[Depends(require_token)])
def get_image(
    sessions: Sessions, url: Annotated[str, Query(max_length=8192), AfterValidator(_fetchable)]
) -> ImageState:
    """Whether an image is blocked, the number of its reporters, and what was done when."""
    with sessions() as session:
        return image_state(session, url)


def image_state(session: Session, url: str) -> ImageState:
    """Returns the state of an image by its URL; an image that was never reported has no reporters and no audit."""
    key = fingerprint(url)
    content_hash = session.scalar(select(func.max(col(Image.content_hash))).where(col(Image.key) == key))
    subjects = [subject for subject in (content_hash, key) if subject]
    audit = session.scalars(
        select(ImageAudit).where(col(ImageAudit.subject).in_(subjects)).order_by(col(ImageAudit.id))
    )
    reports = or_(col(ImageReport.image_key) == key, col(ImageReport.content_hash) == (content_hash or ""))
    reporters = session.scalar(select(func.count(func.distinct(col(ImageReport.reporter)))).where(reports))
    rows = [row.model_dump(mode="json", exclude={"id", "subject"}) for row in audit]
    blocked = bool(blocked_subjects(session, subjects))
    return ImageState(url=url, content_hash=content_hash, blocked=blocked, reporters=reporters or 0, audit=rows)


def _accept(request: Request, redis: "Redis", settings: ReaderSettings, report: Report) -> None:
    client = _client(request, settings)
    _limit(redis, client, settings.report_limit)
    # Neither a name nor an address leaves this process in clear text.
    reporter = hmac.new(_salt(redis), (report.reporter or client).encode(), sha256).hexdigest()
    _sender(request)([ImageReported(url=report.url, reporter=reporter, reason=report.reason, via="api")])


def _sender(request: Request) -> Callable[[list[Message]], None]:
    return cast("Callable[[list[Message]], None]", request.app.state.sender)


def _client(request: Request, settings: ReaderSettings) -> str:
    """Returns the client's address; X-Forwarded-For counts only where the settings name a proxy."""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    direct = request.client.host if request.client else ""
    return forwarded if settings.behind_proxy and forwarded else direct


def _limit(redis: "Redis", client: str, limit: int) -> None:
    """Raises 429 for a client that sends more than `limit` reports a minute."""
    window = int(time() // MINUTE)
    key = f"{LIMIT}{hmac.new(_salt(redis), client.encode(), sha256).hexdigest()[:32]}:{window}"
    with redis.pipeline(transaction=True) as pipe:
        pipe.incr(key)
        pipe.expire(key, 2 * MINUTE)
        count = pipe.execute()[0]
    if count > limit:
        wait = int((window + 1) * MINUTE - time()) + 1
        raise HTTPException(429, f"at most {limit} reports a minute", headers={"Retry-After": str(wait)})


def _salt(redis: "Redis") -> bytes:
    """Returns a random key, made once: without it an address could be guessed from its hash."""
    redis.set(SALT, token_hex(32), nx=True)
    return cast("bytes", redis.get(SALT))
