"""Watches over HTTP: what they ask for and whom they tell, what they have matched, and how telling it went."""

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlmodel import Session

from services.reader.access.roles import Role
from services.reader.access.visitors import visitor_of
from services.reader.api.cursors import BIGGEST_ID, decode_cursor, encode_cursor, valid_cursor
from services.reader.dependencies import BEARER, Sessions
from services.reader.http.changes import note
from services.reader.http.routes import BoundedRoute
from services.reader.queries import watch_changes, watch_trials
from services.reader.queries import watches as rows
from services.reader.queries.watch_changes import NewWatch, WatchChange
from services.reader.queries.watches import ShownDelivery, ShownMatch, ShownWatch
from shared.database.models import Watch

router = APIRouter(prefix="/v1", tags=["watches"], route_class=BoundedRoute, dependencies=[BEARER])

WatchId = Annotated[int, Path(ge=1, le=BIGGEST_ID)]


class Page(BaseModel):
    """The query parameters of a list of a watch's."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200)
    cursor: Annotated[str, Field(max_length=64), AfterValidator(valid_cursor)] | None = None

    def before(self) -> int | None:
        """Returns the id below which the page begins."""
        return decode_cursor(self.cursor) if self.cursor else None


class DeliveryPage(Page):
    """The query parameters of the list of deliveries."""

    state: Literal["waiting", "delivered", "failed"] | None = None


class Watches(BaseModel):
    """All watches."""

    items: list[ShownWatch]


class Matches(BaseModel):
    """A page of matches, newest first. `next` is the cursor of the page that follows."""

    items: list[ShownMatch]
    next: str | None = None


class DeliveryList(BaseModel):
    """A page of deliveries, newest first. `next` is the cursor of the page that follows."""

    items: list[ShownDelivery]
    next: str | None = None


class WrittenWatch(BaseModel):
    """A watch as it is now. `secrets` are those that were made for its new webhooks, by receiver: they are shown this once."""

    watch: ShownWatch
    secrets: dict[int, str]


class Resent(BaseModel):
    """The ids of the deliveries that are sent again."""

    deliveries: list[int]


class Resend(BaseModel):
    """Which deliveries to send again: some by id, or all that failed."""

    model_config = ConfigDict(extra="forbid")

    deliveries: list[Annotated[int, Field(ge=1, le=BIGGEST_ID)]] = Field([], max_length=500)
    failed: bool = False


@router.get("/watches")
def list_watches(request: Request, sessions: Sessions) -> Watches:
    """Every watch, by name."""
    with sessions() as session:
        return Watches(items=[as_visible(request, watch) for watch in rows.watches(session)])


@router.get("/watches/{id}")
def get_watch(request: Request, sessions: Sessions, id: WatchId) -> ShownWatch:  # noqa: A002 - the path's own name
    """A watch with its receivers and, for its owner and for editors, the addresses of its feeds."""
    with sessions() as session:
        return as_visible(request, _shown(session, id))


@router.get("/watches/{id}/matches")
def list_matches(sessions: Sessions, id: WatchId, page: Annotated[Page, Query()]) -> Matches:  # noqa: A002 - as above
    """What a watch has matched, newest first."""
    with sessions() as session:
        _watch(session, id)
        items = rows.matches(session, id, page.limit + 1, page.before())
    return Matches(items=items[: page.limit], next=_following([item.id for item in items], page.limit))


@router.get("/watches/{id}/deliveries")
def list_deliveries(sessions: Sessions, id: WatchId, page: Annotated[DeliveryPage, Query()]) -> DeliveryList:  # noqa: A002 - as above
    """What was sent to the receivers of a watch, and how that went, newest first."""
    with sessions() as session:
        _watch(session, id)
        items = rows.deliveries(session, id, page.limit + 1, page.before(), page.state)
    return DeliveryList(items=items[: page.limit], next=_following([item.id for item in items], page.limit))


@router.post("/watches", status_code=201)
def add_watch(request: Request, sessions: Sessions, new: NewWatch) -> WrittenWatch:
    """Makes a watch, which acts on what is stored from now on."""
    with sessions() as session, session.begin():
        watch, secrets = watch_changes.add(session, new, visitor_of(request).name)
        note(request, f"{watch.id} {watch.name}", query=watch.query)
        return WrittenWatch(watch=_shown(session, watch.id or 0), secrets=secrets)


@router.patch("/watches/{id}")
def change_watch(sessions: Sessions, id: WatchId, change: WatchChange) -> WrittenWatch:  # noqa: A002 - as above
    """Changes a watch; what is left out stays."""
    with sessions() as session, session.begin():
        try:
            secrets = watch_changes.change(session, _watch(session, id), change)
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        return WrittenWatch(watch=_shown(session, id), secrets=secrets)


@router.delete("/watches/{id}", status_code=204)
def remove_watch(sessions: Sessions, id: WatchId) -> None:  # noqa: A002 - as above
    """Removes a watch with what it has matched and what was sent of that."""
    with sessions() as session, session.begin():
        watch_changes.remove(session, _watch(session, id))


@router.post("/watches/{id}/test")
def try_watch(sessions: Sessions, id: WatchId) -> watch_trials.Trial:  # noqa: A002 - as above
    """What a watch would have matched in the last seven days, and a test delivery to each of its receivers."""
    with sessions() as session, session.begin():
        return watch_trials.trial(session, _watch(session, id))


@router.post("/watches/{id}/deliveries/resend")
def resend_deliveries(sessions: Sessions, id: WatchId, resend: Resend) -> Resent:  # noqa: A002 - as above
    """Sends deliveries again, under their message ids."""
    with sessions() as session, session.begin():
        _watch(session, id)
        deliveries = rows.deliveries_to_resend(session, id, resend.deliveries, failed=resend.failed)
        if missing := set(resend.deliveries) - {delivery.id for delivery in deliveries}:
            raise HTTPException(404, f"watch {id} has no delivery {min(missing)}")
        try:
            for delivery in deliveries:
                watch_changes.resend(session, delivery)
        except ValueError as error:
            raise HTTPException(409, str(error)) from None
        return Resent(deliveries=[delivery.id or 0 for delivery in deliveries])


def as_visible(request: Request, watch: ShownWatch) -> ShownWatch:
    """Returns a watch as the visitor may see it. The addresses of its feeds open without an account: they are for editors and
    for its owner, who may hand them on."""
    visitor = visitor_of(request)
    return (
        watch if visitor.may(Role.EDITOR) or visitor.name == watch.owner else watch.model_copy(update={"feeds": None})
    )


def _watch(session: Session, watch_id: int) -> Watch:
    row = session.get(Watch, watch_id)
    if row is None:
        raise HTTPException(404, f"no watch {watch_id}")
    return row


def _shown(session: Session, watch_id: int) -> ShownWatch:
    record = rows.watch(session, watch_id)
    if record is None:
        raise HTTPException(404, f"no watch {watch_id}")
    return record


def _following(ids: list[int], limit: int) -> str | None:
    return encode_cursor(ids[limit - 1]) if len(ids) > limit else None
