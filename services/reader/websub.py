"""WebSub: where hubs verify subscriptions and send what is new of feeds (W3C Recommendation, sections 5.1.3, 5.2 and 7).

A hub is known by the callback URL, which only it was given, and what it sends by the signature with the secret of the
subscription. What is sent goes to the parser as if the channel had been polled.
"""

import hmac
from hashlib import sha256
from typing import Annotated, Literal, NamedTuple

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Request
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel, Field
from redis import Redis
from sqlalchemy.orm import sessionmaker
from sqlmodel import Session, col, select

from services.reader.dependencies import Sessions
from services.reader.http.routes import BoundedRoute
from services.reader.settings import ReaderSettings
from shared.contracts import WEBSUB, Access, Kind, Page, PageFetched, SubscriptionAnswered, now_utc
from shared.database.models import Source, Subscription
from shared.pages import RedisPages
from shared.stage import Sender
from shared.websub import PATH, callback_token, hub_secret, websub_key
from shared.worker.pressure import Pressure

# Bytes of what a hub may send at a time.
BODY_LIMIT = 4 * 2**20
# The methods of the Recommendation (section 7.1); others are no signature.
METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})
LONGEST_LEASE = 31_536_000

router = APIRouter(prefix=PATH, route_class=BoundedRoute, include_in_schema=False)


class Call(NamedTuple):
    """A call of a callback: of which channel, with which token, and what answers it."""

    channel_key: str
    token: str
    sessions: sessionmaker[Session]
    redis: "Redis"
    settings: ReaderSettings
    send: Sender


class Verification(BaseModel):
    """What a hub asks (section 5.3): whether a subscription is wanted, or it says that it denies it."""

    mode: str = Field(alias="hub.mode", max_length=32)
    topic: str = Field(alias="hub.topic", min_length=1, max_length=8192)
    challenge: str = Field("", alias="hub.challenge", max_length=4096)
    lease_seconds: str = Field("", alias="hub.lease_seconds", max_length=20)
    reason: str = Field("", alias="hub.reason", max_length=2000)

    def lease(self) -> int | None:
        """Returns the seconds that the subscription lasts; None where the hub does not say."""
        is_number = self.lease_seconds.isascii() and self.lease_seconds.isdigit()
        return min(int(self.lease_seconds), LONGEST_LEASE) or None if is_number else None


async def _call(
    request: Request,
    sessions: Sessions,
    channel_key: Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")],
    token: Annotated[str, Path(max_length=64)],
) -> Call:
    state = request.app.state
    return Call(channel_key, token, sessions, state.redis, state.settings, state.sender)


async def _body(request: Request) -> bytes:
    return await request.body()


Calls = Annotated[Call, Depends(_call)]


@router.get("/{channel_key}/{token}")
def verify(call: Calls, verification: Annotated[Verification, Query()]) -> Response:
    """Repeats the challenge of a hub, if what it asks about is what we asked it for; 404 otherwise."""
    _check_token(call)
    with call.sessions() as session:
        source = _channel(session, call.channel_key)
        subscription = session.get(Subscription, call.channel_key)
    state = _state(verification, source, subscription)
    if state is None:
        raise HTTPException(404, "this subscription was not asked for")
    hub_url = (source and source.hub_url) or (subscription and subscription.hub_url) or ""
    call.send([SubscriptionAnswered(
        channel_key=call.channel_key, hub_url=hub_url, topic_url=verification.topic, state=state, via=WEBSUB,
        lease_seconds=verification.lease() if state == "active" else None, detail=verification.reason[:500],
    )])  # fmt: skip
    return PlainTextResponse(verification.challenge)


def _state(
    verification: Verification, source: Source | None, subscription: Subscription | None
) -> Literal["active", "denied", "ended"] | None:
    """Returns what becomes of a subscription when its hub has its answer; None where the hub asks in vain."""
    is_followed = source is not None and source.topic_url == verification.topic
    exists = subscription is not None and subscription.topic_url == verification.topic
    match verification.mode:
        case "subscribe" if is_followed and verification.challenge:
            return "active"
        case "unsubscribe" if exists and not is_followed and verification.challenge:
            return "ended"
        case "denied" if is_followed or exists:
            return "denied"
        case _:
            return None


@router.post("/{channel_key}/{token}", status_code=202, max_body_size=BODY_LIMIT)
def receive(
    call: Calls,
    body: Annotated[bytes, Depends(_body)],
    signature: Annotated[str, Header(alias="X-Hub-Signature")] = "",
    content_type: Annotated[str, Header()] = "",
) -> Response:
    """Takes what a hub sends. 403 without a valid signature, 410 for a channel that is polled no more."""
    _check_token(call)
    if not is_signed(body, signature, hub_secret(websub_key(call.redis), call.channel_key)):
        raise HTTPException(403, "X-Hub-Signature is missing or not made with the secret of this subscription")
    with call.sessions() as session:
        source = _channel(session, call.channel_key)
    if source is None:
        raise HTTPException(410, "this channel is not followed any more")
    if (refusal := Pressure(call.redis, call.settings).refusal()) is not None:
        raise HTTPException(503, f"{refusal}; send it again later", headers={"Retry-After": "30"})
    call.send([_page(call, source, body, content_type)])
    return Response(status_code=202)


def is_signed(body: bytes, signature: str, secret: str) -> bool:
    """Returns whether an X-Hub-Signature, METHOD=HEX, was made of a body with a secret."""
    method, _, digest = signature.strip().partition("=")
    if method.lower() not in METHODS or not digest.isascii():
        return False
    return hmac.compare_digest(hmac.new(secret.encode(), body, method.lower()).hexdigest(), digest.strip().lower())


def _check_token(call: Call) -> None:
    expected = callback_token(websub_key(call.redis), call.channel_key)
    if not call.token.isascii() or not hmac.compare_digest(expected, call.token):
        raise HTTPException(404, "no such callback")


def _channel(session: Session, channel_key: str) -> Source | None:
    """Returns a channel that is polled and names a hub."""
    query = select(Source).where(col(Source.key) == channel_key, col(Source.state) == "active")
    return session.exec(query.where(col(Source.hub_url).is_not(None))).first()


def _page(call: Call, source: Source, body: bytes, content_type: str) -> PageFetched:
    """Puts what was sent in the page store, and returns it as a page of the channel that was fetched now."""
    media_type, _, parameters = content_type.partition(";")
    charset = parameters.partition("charset=")[2].strip(" \"'").split(";")[0] or None
    page = Page(
        url=source.url, final_url=source.url, key=RedisPages(call.redis, call.settings.page_ttl).put(body), fetched_at=now_utc(),
        media_type=media_type.strip().lower() or None, charset=charset, body_hash=sha256(body).hexdigest(), size=len(body),
    )  # fmt: skip
    return PageFetched(
        page=page, kind=Kind(source.kind) if source.kind else None, follow=source.follow, source_id=source.id,
        priority=source.priority, access=Access(**source.access) if source.access else None, via=WEBSUB,
    )  # fmt: skip
