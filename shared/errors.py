"""The errors that a handler raises, and what shared/outcomes.py and shared/stage.py do about each.

NewsmillError
├── SettingsError      a setting is missing or wrong: the process does not start
├── BadUrl             a URL that cannot be fetched
├── Unavailable        Redis, the database or the disk is away: nothing is acknowledged, the list is delivered again
├── TryLater           parked, and tried again after `seconds`, a bounded number of times
└── Reject             the message is set aside in the dead letters with its cause
    └── Drop           an expected end of the page: becomes a PageDropped with its named reason

Any other exception is a crash: the message is set aside in the dead letters like a Reject.
"""

from collections.abc import Sequence

from shared.contracts import Message, Page, Reason, Trail


class NewsmillError(Exception):
    """The base class of all errors that are raised on purpose."""


class SettingsError(NewsmillError):
    """A setting that is missing or wrong. The text names it, its value and the cure."""


class BadUrl(NewsmillError, ValueError):
    """A URL that can never be fetched. The text names what is wrong with it."""


class QueryTooLarge(NewsmillError, ValueError):
    """A query that asks more of a database than it may; the text names the limit."""


class Unavailable(NewsmillError):
    """Redis, the database or the disk is away. This is not the fault of the message, so it does not count as an attempt."""


class TryLater(NewsmillError):
    """The work may succeed later.

    Args:
        reason: the name of its end if no attempt succeeds.
        seconds: how long to wait before the next attempt.
        detail: what happened, for logs and for the ledger.
        counts: whether this counts as an attempt; waiting for a host's turn does not.
        host: the host whose turn the message waits for; it is sent again when the turn comes. None: it waits for a time.
        first: whether the message goes before all others that wait for the host.
        trail: the redirects that were followed so far, for the next attempt to go on from.
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
    """The message can never be processed; `reason` names why. `page` is the page if it was downloaded."""

    def __init__(self, reason: Reason, detail: str = "", page: Page | None = None) -> None:
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)
        self.reason = reason
        self.detail = detail
        self.page = page


class Drop(Reject):
    """The page has a named end that needs no attention, such as a 404 or a robots.txt that refuses.

    `fresh_seconds` is how long a server says that there is nothing new. `messages` are sent with the end.
    """

    def __init__(
        self, reason: Reason, detail: str = "", page: Page | None = None, fresh_seconds: int | None = None
    ) -> None:
        super().__init__(reason, detail, page)
        self.fresh_seconds = fresh_seconds
        self.messages: Sequence[Message] = ()
