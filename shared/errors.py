"""What can go wrong, as a handler says it and as shared/stage.py answers it.

NewsmillError
├── SettingsError      a setting is missing or wrong: the process does not start
├── BadUrl             a URL that no fetch can be made of
├── Unavailable        Redis, the database or the disk is away: nothing is acknowledged, the list comes again
├── TryLater           not now: parked and given back after `seconds`, a bounded number of times
└── Reject             never: the message is set aside in the dead letters with its cause
    └── Drop           the page's own end, expected: becomes a PageDropped with its named reason

Anything else that a handler raises is a crash: set aside in the dead letters like a Reject.
"""

from shared.contracts import Page, Reason, Trail


class NewsmillError(Exception):
    """The root of everything raised on purpose."""


class SettingsError(NewsmillError):
    """A setting that is missing or wrong. The text names it, its value and the cure."""


class BadUrl(NewsmillError, ValueError):
    """A URL that cannot be fetched, whatever happens. The text names what is wrong with it."""


class Unavailable(NewsmillError):
    """Something that every message needs is away. Not the message's fault, so it does not count as an attempt."""


class TryLater(NewsmillError):
    """The work may succeed later.

    Args:
        reason: what to call it if it never does.
        seconds: how long to wait before the next attempt.
        detail: what happened, for logs and for the ledger.
        counts: whether it was an attempt; waiting for a host's turn is none.
        host: whose turn it waits for, if that is what it waits for: it is given back when the turn comes.
        first: whether it goes before all that wait there.
        trail: where it is to go on.
    """

    def __init__(
        self,
        reason: Reason,
        seconds: float,
        detail: str = "",
        *,
        counts: bool = True,
        host: str | None = None,
        first: bool = False,
        trail: Trail | None = None,
    ) -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.seconds = seconds
        self.detail = detail
        self.counts = counts
        self.host = host
        self.first = first
        self.trail = trail


class Reject(NewsmillError):
    """The message can never be processed; `reason` names why. `page` is there where it had been downloaded."""

    def __init__(self, reason: Reason, detail: str = "", page: Page | None = None) -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail
        self.page = page


class Drop(Reject):
    """The page has come to a named end that needs nobody's attention: a 404, a robots.txt that says no."""
