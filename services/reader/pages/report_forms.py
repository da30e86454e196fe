"""The form on an article's page that reports an image, with a token that no other site's page can know."""

from collections.abc import Iterable
from hmac import compare_digest
from time import time
from urllib.parse import parse_qs

from fastapi import APIRouter, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from redis import Redis
from redis.exceptions import RedisError

from services.reader.access.reporters import keyed_hash
from services.reader.api.images import Report, accept_report, client_address
from services.reader.http.routes import BoundedRoute
from services.reader.pages.rendering import render

# A form is taken for this long after its page was opened, and up to twice as long.
FORM_SECONDS = 12 * 3600

router = APIRouter(include_in_schema=False, route_class=BoundedRoute)


def form_tokens(request: Request, redis: "Redis", urls: Iterable[str]) -> dict[str, str]:
    """Returns the token of each image's form for this client; none while Redis does not answer."""
    try:
        return {url: _token(redis, client_address(request), url, _window()) for url in urls}
    except RedisError:
        return {}


@router.post("/images/reports")
async def report_form(request: Request) -> HTMLResponse:
    """Takes a report from the form on an article's page."""
    fields = {name: values[0] for name, values in parse_qs((await request.body()).decode(errors="replace")).items()}
    await run_in_threadpool(_accept_form, request, fields)
    return render(request, "thanks.html")


def _accept_form(request: Request, fields: dict[str, str]) -> None:
    url, token = fields.get("url", ""), fields.get("token", "")
    redis, client = request.app.state.redis, client_address(request)
    tokens = [_token(redis, client, url, _window() - age) for age in (0, 1)]
    if not any(compare_digest(token.encode(), valid.encode()) for valid in tokens):
        raise HTTPException(403, "this form has expired: open the article again and report the image there")
    try:
        report = Report(url=url, reason=fields.get("reason"))
    except ValueError:
        raise HTTPException(422, "no image's URL") from None
    accept_report(request, report)


def _token(redis: "Redis", client: str, url: str, window: int) -> str:
    return keyed_hash(redis, f"form {window} {client} {url}")[:32]


def _window() -> int:
    return int(time() // FORM_SECONDS)
