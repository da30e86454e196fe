"""Work on dead letters: groups of the same fault, and letters that are sent again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from pydantic import ValidationError
from redis import Redis

from shared.contracts import Message, decode
from shared.dead import DeadLetters, Letter
from shared.pages import RedisPages
from shared.queues import TRIGGERS
from shared.stage import Sender

Sendable = Message | Mapping[str, Any]


class Group(NamedTuple):
    """The letters of one stage, cause and line of code."""

    stage: str
    cause: str
    where: str
    letters: list[Letter]

    def record(self) -> dict[str, Any]:
        """The group as a JSON value. Times are ISO 8601, UTC."""
        first_at = min(letter.history[0].at for letter in self.letters)
        last_at = max(letter.last.at for letter in self.letters)
        example = self.letters[-1]
        return {
            "letters": len(self.letters), "stage": self.stage, "cause": self.cause, "where": self.where,
            "first_at": _iso(first_at), "last_at": _iso(last_at), "detail": example.last.detail, "example": example.id,
        }  # fmt: skip


def group_letters(letters: Iterable[Letter]) -> list[Group]:
    """Returns letters in groups of the same stage, cause and line of code."""
    groups: dict[tuple[str, str, str], list[Letter]] = defaultdict(list)
    for letter in letters:
        groups[letter.stage, letter.last.cause, letter.last.where].append(letter)
    return [Group(*key, members) for key, members in groups.items()]


def message_of(letter: Letter) -> Sendable:
    """Returns what to send for a letter: its message with the attempts reset, or the trigger that it was.

    Raises:
        ValueError: this version cannot read it.
    """
    if letter.stage == "trigger":
        return {name: str(value) for name, value in letter.payload.items()}
    try:
        return decode(letter.payload).model_copy(update={"attempt": 1})
    except ValidationError as error:
        raise ValueError(f"{letter.id}: no message of this version ({error.error_count()} errors); drop it") from None


def send_again(redis: "Redis", store: DeadLetters, send: Sender, letter: Letter) -> str | None:
    """Sends a letter's message to its queue again, or its trigger to the public stream, and returns None.

    Returns why if this version cannot read it.
    """
    try:
        message = message_of(letter)
    except ValueError as error:
        return str(error)
    # Remembered before it is sent: it may fail again at once.
    store.take(letter.id, remember=True)
    if isinstance(message, Message):
        send([message])
    else:
        redis.xadd(TRIGGERS, cast("dict[Any, Any]", message))
    return None


def drop(store: DeadLetters, pages: RedisPages, letter: Letter) -> None:
    """Deletes a letter and the raw page that it is about. The disposition of its URL stays as it is."""
    pages.discard(*page_keys(letter))
    store.take(letter.id, remember=False)


def page_keys(letter: Letter) -> list[str]:
    """Returns the keys of the raw pages that a letter is about."""
    page = letter.payload.get("page") if isinstance(letter.payload, dict) else None
    return [page["key"]] if isinstance(page, dict) and page.get("key") else []


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
