"""Dead letters over HTTP: what was set aside, tried again or dropped."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from services.reader.dependencies import BEARER, Broker, Config, Send
from services.reader.http.changes import note
from services.reader.http.routes import BoundedRoute
from services.reader.queries.dead_letters import drop, group_letters, send_again
from shared.brake import Brake
from shared.dead import DeadLetters, Letter
from shared.pages import RedisPages

# Letters of one request: a few seconds of work.
MOST = 1000

router = APIRouter(prefix="/v1/dead", tags=["dead letters"], route_class=BoundedRoute, dependencies=[BEARER])

LetterId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="Id of the letter.")]
Name = Annotated[str, Field(max_length=200, pattern=r"^[^\x00]*$")]


class Choice(BaseModel):
    """Which letters: by ids, by stage, cause and line, or all. At most 1000 are handled; ask again for the others."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[Name], Field(max_length=MOST)] = []
    stage: Name | None = None
    cause: Name | None = None
    where: Name | None = Field(None, description="The line of code.")
    all: bool = False

    @model_validator(mode="after")
    def _names_some(self) -> "Choice":
        if not (self.ids or self.stage or self.cause or self.where or self.all):
            raise ValueError("name letters by ids, stage, cause or where, or say all")
        return self

    def letters(self, store: DeadLetters) -> Iterator[Letter]:
        """Yields the letters, the oldest first, MOST at most."""
        if self.ids:
            return (letter for letter_id in self.ids if (letter := store.get(letter_id)) is not None)
        letters = store.every(stage=self.stage, cause=self.cause)
        return islice((letter for letter in letters if self.where in (None, letter.last.where)), MOST)

    def words(self) -> str:
        """Returns the choice in words, for the audit."""
        return " ".join(self.ids or filter(None, (self.stage, self.cause, self.where))) or "all"


class LetterQuery(Choice):
    """Which letters to show, and how many."""

    limit: int = Field(100, ge=1, le=MOST)


class Outcome(BaseModel):
    """How many letters were sent again or dropped, and why some could not be sent."""

    number: int
    unreadable: list[str] = []


@router.get("")
def list_dead(
    redis: Broker, stage: Annotated[Name | None, Query()] = None, cause: Annotated[Name | None, Query()] = None
) -> Response:
    """The dead letters by stage, cause and line of code, the largest group first, and the stages that brake."""
    letters = DeadLetters(redis).every(stage=stage, cause=cause)
    groups = sorted(group_letters(letters), key=lambda group: -len(group.letters))
    return _json({"groups": [group.record() for group in groups], "brakes": Brake(redis).reasons()})


@router.get("/letters")
def list_letters(redis: Broker, query: Annotated[LetterQuery, Query()]) -> Response:
    """Letters with message, line of code and history, the oldest first."""
    return _json({"items": [letter.record() for letter in islice(query.letters(DeadLetters(redis)), query.limit)]})


@router.get("/{letter_id}")
def get_letter(redis: Broker, letter_id: LetterId) -> Response:
    """A letter: the message, the line of code, every time that it was set aside."""
    letter = DeadLetters(redis).get(letter_id)
    if letter is None:
        raise HTTPException(404, f"no dead letter {letter_id}")
    return _json(letter.record())


@router.post("/retries", status_code=202)
def retry_letters(request: Request, redis: Broker, send: Send, choice: Choice) -> Outcome:
    """Sends letters on their way again. One that fails again comes back with its history."""
    store = DeadLetters(redis)
    problems = [send_again(redis, store, send, letter) for letter in list(choice.letters(store))]
    unreadable = [problem for problem in problems if problem]
    outcome = Outcome(number=len(problems) - len(unreadable), unreadable=unreadable)
    note(request, choice.words(), number=outcome.number, unreadable=len(unreadable))
    return outcome


@router.delete("")
def drop_letters(request: Request, redis: Broker, settings: Config, choice: Annotated[Choice, Query()]) -> Outcome:
    """Deletes letters and the raw pages that they are about. The disposition of their URLs stays as it is."""
    store, pages = DeadLetters(redis), RedisPages(redis, settings.page_ttl)
    letters = list(choice.letters(store))
    for letter in letters:
        drop(store, pages, letter)
    note(request, choice.words(), number=len(letters))
    return Outcome(number=len(letters))


@router.post("/brakes/{stage}/release", status_code=202)
def release_brake(
    request: Request, redis: Broker, stage: Annotated[str, Path(pattern="^(fetch|parse|store)$")]
) -> Outcome:
    """Lets a stage that brakes go on at once. Without this it goes on after a minute."""
    brake = Brake(redis)
    was_braking = brake.reason(stage) is not None
    brake.release(stage)
    note(request, stage, braked=was_braking)
    return Outcome(number=int(was_braking))


def _json(value: Any) -> Response:
    """Returns JSON in ASCII: a message that was set aside may hold half of a surrogate pair, which has no bytes."""
    return Response(json.dumps(value), media_type="application/json")
