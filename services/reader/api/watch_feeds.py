"""The feeds of watches, at addresses that nobody can guess: feed readers have no account."""

from typing import Annotated, Literal
from uuid import NAMESPACE_URL, uuid5

from fastapi import APIRouter, HTTPException, Path, Request, Response
from fastapi.responses import JSONResponse

from services.reader.api.feed_formats import ATOM_TYPE, JSON_FEED_TYPE, Feed, Item, atom, json_feed
from services.reader.dependencies import Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.queries import watches as rows
from services.reader.queries.watches import ShownMatch

router = APIRouter(tags=["feeds"], route_class=BoundedRoute)

NEWEST = 100
Secret = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
# Whoever reads a feed of a watch sees its address: nobody else is to keep it or to be sent it.
HEADERS = {"Cache-Control": "private, max-age=60", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


@router.get(
    "/feeds/{secret}.{form}", response_class=Response, responses={200: {"content": {ATOM_TYPE: {}, JSON_FEED_TYPE: {}}}}
)
def watch_feed(request: Request, sessions: Sessions, secret: Secret, form: Literal["atom", "json"]) -> Response:
    """The newest matches of a watch as an Atom feed or a JSON Feed 1.1."""
    with sessions() as session:
        watch = rows.by_feed(session, secret)
        if watch is None:
            raise HTTPException(404, "no feed has this address")
        matches = rows.matches(session, watch.id or 0, NEWEST)
    items = [_item(match) for match in matches]
    updated = max((item.updated for item in items), default=watch.created_at)
    feed = Feed(watch.name, str(request.url), str(request.base_url), items, updated)
    if form == "atom":
        return Response(atom(feed), media_type=ATOM_TYPE, headers=HEADERS)
    return JSONResponse(json_feed(feed), media_type=JSON_FEED_TYPE, headers=HEADERS)


def _item(match: ShownMatch) -> Item:
    record = match.record
    text = record.get("summary") or record.get("cause") or ""
    return Item(
        id=f"urn:uuid:{uuid5(NAMESPACE_URL, match.subject + (match.url or ''))}", url=match.url or "", title=match.title,
        text=text, updated=match.matched_at, summary=text or None, authors=record.get("authors", ()),
        language=record.get("language"),
    )  # fmt: skip
