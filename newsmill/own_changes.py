"""What a command changes, for the audit."""

import os
from getpass import getuser
from typing import Any

from sqlmodel import Session

from services.reader.access import audit


def record(session: Session, action: str, subject: str, **detail: Any) -> None:
    """Adds what a command has changed to the audit, under the name of who runs it. The caller commits."""
    audit.write(session, _own_name(), "cli", action, subject, **detail)


def _own_name() -> str:
    try:
        return getuser()
    except (KeyError, OSError):
        # In a container the number need not have a name.
        return f"uid {os.getuid()}"
