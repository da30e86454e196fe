"""What a request has changed, for the audit."""

from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from sqlmodel import Session

from services.reader.access import audit
from services.reader.access.needs import READING_METHODS, Need
from services.reader.access.visitors import client_address, visitor_of


def note(request: Request, subject: str | None = None, /, **detail: Any) -> None:
    """Notes what a request changes: its subject, and details as JSON values. No secrets: many may read the audit."""
    request.state.change = (subject, detail)


async def record(request: Request, action: str, status: int) -> None:
    """Writes a change that was made into the audit. Without a note its subject is the values in the path, else the path."""
    need: Need | None = getattr(request.state, "need", None)
    if need is None or not need.is_audited or request.method in READING_METHODS or status >= 400:
        return
    await run_in_threadpool(_write, request, action)


def _write(request: Request, action: str) -> None:
    subject, detail = getattr(request.state, "change", (None, {}))
    path = " ".join(map(str, request.path_params.values())) or request.url.path
    visitor = visitor_of(request)
    with Session(request.app.state.engine) as session:
        audit.write(
            session, visitor.name, visitor.way, action, path if subject is None else subject,
            address=client_address(request), **detail,
        )  # fmt: skip
        session.commit()
