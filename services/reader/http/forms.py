"""The forms of pages: their fields, and the token that only our own pages know."""

from urllib.parse import parse_qs

from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool

from services.reader.access.csrf import form_token, is_form_token
from services.reader.access.needs import READING_METHODS
from services.reader.access.visitors import form_owner

FIELD = "csrf"
# No browser sends these by itself: /v1 takes JSON with a token, or from this machine alone, and hubs sign what they send.
_NO_FORMS = ("/v1/", "/websub/")


async def form_lists(request: Request) -> dict[str, list[str]]:
    """Returns the values of each field of a form, as a dependency of its route."""
    return parse_qs((await request.body()).decode(errors="replace"), keep_blank_values=True)


async def form_fields(request: Request) -> dict[str, str]:
    """Returns the last value of each field of a form, as a dependency of its route."""
    return {name: values[-1] for name, values in (await form_lists(request)).items()}


def token_of_forms(request: Request) -> str:
    """Returns the token for the forms of the page that answers a request. The first may wait for the database."""
    return form_token(request.app.state.signing_key.read(), form_owner(request))


async def check_form(request: Request) -> None:
    """Checks the token of a form.

    Raises:
        HTTPException: 403, it is missing, another's or too old.
    """
    if request.method in READING_METHODS or request.url.path.startswith(_NO_FORMS):
        return
    token = (await form_fields(request)).get(FIELD, "")
    key = await run_in_threadpool(request.app.state.signing_key.read)
    if not is_form_token(key, form_owner(request), token):
        raise HTTPException(403, "this form has expired: open its page again and send it from there")
