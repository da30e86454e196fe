"""`newsmill dead`: what was set aside and why; to be tried again, or dropped."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple, cast

import typer
from pydantic import ValidationError
from redis import Redis

from newsmill.doors import courier, running_redis, settings
from shared.contracts import Message, decode
from shared.dead import DeadLetters, Letter
from shared.errors import SettingsError
from shared.pages import RedisPages
from shared.queues import QUEUES, TRIGGERS
from shared.settings import Settings
from shared.worker.task import dead_letters

app = typer.Typer(no_args_is_help=True, help="What was set aside, and why.")

Ids = Annotated[list[str] | None, typer.Argument(help="Ids of letters.")]
Stage = Annotated[str | None, typer.Option(help="All of a stage.")]
Cause = Annotated[str | None, typer.Option(help="All of a cause.")]
All = Annotated[bool, typer.Option("--all", help="All there are.")]


class Group(NamedTuple):
    """The letters of one stage, cause and line."""

    stage: str
    cause: str
    where: str
    letters: list[Letter]

    def line(self) -> str:
        """The group in a line."""
        first, last = (min(one.history[0].at for one in self.letters), max(one.last.at for one in self.letters))
        example = self.letters[-1]
        return (
            f"{len(self.letters):>6}  {self.stage:<8} {self.cause:<16} {_when(first)} … {_when(last)}  "
            f"{self.where}  {example.last.detail[:80]}  (e.g. {example.id})"
        )


@app.command("list")
def list_letters(
    stage: Stage = None,
    cause: Cause = None,
    letters: Annotated[bool, typer.Option("--letters", help="Each letter, a JSON document a line.")] = False,
) -> None:
    """The dead letters, grouped by stage, cause and line."""
    found = list(_dead().every(stage=stage, cause=cause))
    if letters:
        for one in found:
            typer.echo(json.dumps(one.record(), ensure_ascii=False))
        return
    for group in sorted(groups(found), key=lambda group: -len(group.letters)):
        typer.echo(group.line())
    for name in QUEUES:
        if (why := _dead().braked(name)) is not None:
            typer.echo(f"{name} brakes: {why}; `newsmill dead resume {name}` lets it go on at once")


@app.command()
def show(letter_id: Annotated[str, typer.Argument(help="Of the letter.")]) -> None:
    """A letter whole: the message, the line, every time that it was set aside."""
    typer.echo(json.dumps(_found(_dead(), letter_id).record(), ensure_ascii=False, indent=2))


@app.command()
def retry(ids: Ids = None, stage: Stage = None, cause: Cause = None, every: All = False) -> None:
    """Send letters on their way again; one that fails again comes back with its history."""
    redis = running_redis()
    dead = dead_letters(redis, settings(Settings))
    send = _sender(redis)
    told = [_retry(dead, send, one) for one in _chosen(dead, ids, stage=stage, cause=cause, every=every)]
    _tell(told, "sent again")


@app.command()
def drop(ids: Ids = None, stage: Stage = None, cause: Cause = None, every: All = False) -> None:
    """Throw letters away, with the pages they are about. The disposition of their URLs stays as it is."""
    redis = running_redis()
    dead, pages = DeadLetters(redis), RedisPages(redis, settings(Settings).page_ttl)
    dropped = 0
    for one in _chosen(dead, ids, stage=stage, cause=cause, every=every):
        pages.discard(*_page_keys(one))
        dead.take(one.id, remember=False)
        dropped += 1
    typer.echo(f"{dropped} dropped")


@app.command()
def resume(stage: Annotated[str, typer.Argument(help="fetch, parse or store.")]) -> None:
    """Lift a stage's brake at once; by itself it lifts a minute later."""
    _dead().release_brake(stage)


def groups(letters: Iterable[Letter]) -> list[Group]:
    """Letters by stage, cause and line."""
    found: dict[tuple[str, str, str], list[Letter]] = defaultdict(list)
    for one in letters:
        found[one.stage, one.last.cause, one.last.where].append(one)
    return [Group(*key, of) for key, of in found.items()]


def again(letter: Letter) -> Message | Mapping[str, Any]:
    """What to send for a letter: its message, as if for the first time, or the trigger that it was.

    Raises:
        ValueError: this version cannot read it.
    """
    if letter.stage == "trigger":
        return {name: str(value) for name, value in letter.payload.items()}
    try:
        return decode(letter.payload).model_copy(update={"attempt": 1})
    except ValidationError as error:
        raise ValueError(f"{letter.id}: no message of this version ({error.error_count()} errors); drop it") from None


def _retry(dead: DeadLetters, send: Callable[[Message | Mapping[str, Any]], None], letter: Letter) -> str | None:
    """Sends a letter again; returns why that cannot be."""
    try:
        message = again(letter)
    except ValueError as error:
        return str(error)
    # Remembered before it is sent: it may fail again at once.
    dead.take(letter.id, remember=True)
    send(message)
    return None


def _sender(redis: "Redis") -> Callable[[Message | Mapping[str, Any]], None]:
    take = courier(redis)

    def send(message: Message | Mapping[str, Any]) -> None:
        if isinstance(message, Message):
            take([message])
        else:
            redis.xadd(TRIGGERS, cast("dict[Any, Any]", message))

    return send


def _chosen(
    dead: DeadLetters, ids: Iterable[str] | None, *, stage: str | None, cause: str | None, every: bool
) -> Iterator[Letter]:
    if ids:
        return (_found(dead, one) for one in ids)
    if not (stage or cause or every):
        raise typer.BadParameter("name letters by id, or --stage, --cause, or --all")
    return dead.every(stage=stage, cause=cause)


def _found(dead: DeadLetters, letter_id: str) -> Letter:
    found = dead.get(letter_id)
    if found is None:
        raise SettingsError(f"no dead letter {letter_id}; `newsmill dead list --letters` shows their ids")
    return found


def _page_keys(letter: Letter) -> list[str]:
    page = letter.payload.get("page") if isinstance(letter.payload, dict) else None
    return [page["key"]] if isinstance(page, dict) and page.get("key") else []


def _dead() -> DeadLetters:
    return dead_letters(running_redis(), settings(Settings))


def _tell(told: Iterable[str | None], done: str) -> None:
    results = list(told)
    for problem in filter(None, results):
        typer.echo(problem, err=True)
    typer.echo(f"{results.count(None)} {done}")
    if any(results):
        raise typer.Exit(1)


def _when(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
