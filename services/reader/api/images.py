"""Reports of images by readers, and judgements of them with the token. The storage worker counts both."""

from collections.abc import Callable
from typing import Annotated, Any, cast

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.reader.access.reporters import check_rate, keyed_hash
from services.reader.access.roles import Role, Scope
from services.reader.access.visitors import client_address, visitor_of
from services.reader.dependencies import BEARER, Sessions
from services.reader.http.changes import note
from services.reader.http.routes import BoundedRoute
from services.reader.queries import images
from services.reader.queries.images import BlockedImage, ImageState, ReportedImage, image_state
from shared.contracts import ImageJudged, ImageReported, Message
from shared.urls import fetchable

router = APIRouter(tags=["images"], route_class=BoundedRoute, dependencies=[BEARER])


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

    message: str = "Thank you: the image was reported. It will be hidden if others report it too."


@router.post("/v1/images/reports", status_code=202)
def report_image(request: Request, report: Report) -> Thanks:
    """Takes a report. A reader's second report changes nothing; naming other reporters needs the token."""
    if report.reporter is not None and not visitor_of(request).may(Role.EDITOR, Scope.WRITE):
        # Else a single client could be as many reporters as a block needs.
        raise HTTPException(401, "only with a token that may write are reporters named")
    accept_report(request, report)
    return Thanks()


@router.post("/v1/images/blocks", status_code=202)
def judge_image(request: Request, judgement: Judgement) -> Judgement:
    """Blocks an image on every copy, or shows it again."""
    note(request, judgement.url, **judgement.model_dump(mode="json", exclude={"url"}))
    _sender(request)([ImageJudged(**judgement.model_dump(), via="api")])
    return judgement


@router.get("/v1/images")
def get_image(
    sessions: Sessions, url: Annotated[str, Query(max_length=8192), AfterValidator(_fetchable)]
) -> ImageState:
    """Whether an image is blocked, the number of its reporters, and what was done when."""
    with sessions() as session:
        return image_state(session, url)


class Moderation(BaseModel):
    """What there is to judge: images that are reported and not blocked, blocked ones, and what was done, the newest first."""

    reported: list[ReportedImage]
    blocked: list[BlockedImage]
    decisions: list[dict[str, Any]]


@router.get("/v1/images/moderation")
def get_moderation(sessions: Sessions, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Moderation:
    """The images that are reported, those that are blocked, and what was done."""
    with sessions() as session:
        rows = images.decisions(session, limit)
        return Moderation(
            reported=images.reported(session, limit),
            blocked=images.blocked(session, limit),
            decisions=[row.model_dump(mode="json", exclude={"id", "subject"}) for row in rows],
        )


def accept_report(request: Request, report: Report) -> None:
    """Sends a report to the storage worker.

    Raises:
        HTTPException: 429, this client has sent too many in this minute.
    """
    state, client = request.app.state, _client(request)
    check_rate(state.redis, client, state.settings.report_limit)
    # Neither a name nor an address leaves this process in clear text.
    reporter = keyed_hash(state.redis, report.reporter or client)
    _sender(request)([ImageReported(url=report.url, reporter=reporter, reason=report.reason, via="api")])


def _client(request: Request) -> str:
    """Returns who reports: a user from whatever address, else an address."""
    visitor = visitor_of(request)
    return client_address(request) if visitor.account_id is None else f"user {visitor.name}"


def _sender(request: Request) -> Callable[[list[Message]], None]:
    return cast("Callable[[list[Message]], None]", request.app.state.sender)
