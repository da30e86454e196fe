"""`newsmill dead`: the messages that were set aside, to be tried again or dropped."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Annotated, Any, Literal

import typer

from newsmill.options import AsJson, DataFolder
from newsmill.output import echo, print_record, print_report
from newsmill.own_changes import record
from newsmill.running_system import LocalSystem, find_system
from services.reader.queries import dead_letters as work
from shared.brake import Brake
from shared.dead import DeadLetters, Letter
from shared.errors import SettingsError
from shared.pages import RedisPages
from shared.settings import Settings

app = typer.Typer(add_completion=False, no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(help="Ids of letters.")]
Stage = Annotated[str | None, typer.Option(help="All letters of a stage.")]
Cause = Annotated[str | None, typer.Option(help="All letters with a cause.")]
All = Annotated[bool, typer.Option("--all", help="All letters.")]


@app.callback()
def dead() -> None:
    """List, show, retry or drop dead letters."""


@app.command("list")
def list_letters(
    stage: Stage = None,
    cause: Cause = None,
    letters: Annotated[bool, typer.Option("--letters", help="Print each letter, a JSON document a line.")] = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """List the dead letters by stage, cause and line of code, and the stages that brake."""
    redis = find_system(data).redis()
    stored_letters = list(DeadLetters(redis).every(stage=stage, cause=cause))
    if letters:
        for letter in stored_letters:
            echo(json.dumps(letter.record(), ensure_ascii=False))
        return
    groups = sorted(work.group_letters(stored_letters), key=lambda group: -len(group.letters))
    report = {"groups": [group.record() for group in groups], "brakes": Brake(redis).reasons()}
    print_report(report, _list_lines, as_json=as_json)


@app.command()
def show(letter_id: Annotated[str, typer.Argument(help="Id of the letter.")], data: DataFolder = None) -> None:
    """Show a letter as JSON: the message, the line of code, every time that it was set aside."""
    letter = _letter(DeadLetters(find_system(data).redis()), letter_id)
    echo(json.dumps(letter.record(), ensure_ascii=False, indent=2))


@app.command()
def retry(
    ids: Ids = None,
    *,
    stage: Stage = None,
    cause: Cause = None,
    every: All = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Send letters on their way again. One that fails again comes back with its history.

    Exits with 1 when a letter cannot be read by this version.
    """
    system = find_system(data)
    store, redis = DeadLetters(system.redis()), system.redis()
    send = system.sender(redis)
    selection = _letters(store, ids, stage=stage, cause=cause, every=every)
    with _audited(system) as write:
        problems = [work.send_again(redis, store, send, letter) for letter in selection]
        unreadable = [problem for problem in problems if problem]
        number = len(problems) - len(unreadable)
        write("retry_letters", _words(ids, stage, cause), number=number, unreadable=len(unreadable))
    for problem in unreadable:
        echo(problem, err=True)
    print_record({"sent": number, "unreadable": len(unreadable)}, f"{number} sent again", as_json=as_json)
    if unreadable:
        raise typer.Exit(1)


@app.command()
def drop(
    ids: Ids = None,
    *,
    stage: Stage = None,
    cause: Cause = None,
    every: All = False,
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Delete letters and the raw pages that they are about. The disposition of their URLs stays as it is."""
    system = find_system(data)
    store, pages = DeadLetters(system.redis()), RedisPages(system.redis(), system.settings(Settings).page_ttl)
    selection, dropped = _letters(store, ids, stage=stage, cause=cause, every=every), 0
    with _audited(system) as write:
        for letter in selection:
            work.drop(store, pages, letter)
            dropped += 1
        write("drop_letters", _words(ids, stage, cause), number=dropped)
    print_record({"dropped": dropped}, f"{dropped} dropped", as_json=as_json)


@app.command()
def resume(
    stage: Annotated[Literal["fetch", "parse", "store"], typer.Argument(help="The stage that brakes.")],
    data: DataFolder = None,
    as_json: AsJson = False,
) -> None:
    """Lift a stage's brake at once. Without this it lifts after a minute."""
    system = find_system(data)
    brake = Brake(system.redis())
    braked = brake.reason(stage) is not None
    with _audited(system) as write:
        brake.release(stage)
        write("release_brake", stage, braked=braked)
    text = f"{stage} goes on" if braked else f"{stage} does not brake"
    print_record({"stage": stage, "braked": braked}, text, as_json=as_json)


@contextmanager
def _audited(system: LocalSystem) -> Iterator[Callable[..., None]]:
    """Yields what writes into the audit. The database is asked first: without it, nothing is changed."""
    with system.session() as session, session.begin():
        session.connection()
        yield partial(record, session)


def _words(ids: Iterable[str] | None, stage: str | None, cause: str | None) -> str:
    """Returns which letters were named, in words."""
    return " ".join(ids or filter(None, (stage, cause))) or "all"


def _letters(
    store: DeadLetters, ids: Iterable[str] | None, *, stage: str | None, cause: str | None, every: bool
) -> Iterator[Letter]:
    if ids:
        # All of them before the first is handled: a wrong id among them changes nothing.
        return iter([_letter(store, letter_id) for letter_id in ids])
    if not (stage or cause or every):
        raise typer.BadParameter("name letters by id, or --stage, --cause, or --all")
    return store.every(stage=stage, cause=cause)


def _letter(store: DeadLetters, letter_id: str) -> Letter:
    letter = store.get(letter_id)
    if letter is None:
        raise SettingsError(f"no dead letter {letter_id}; `newsmill dead list --letters` shows their ids")
    return letter


def _list_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yields the list of dead letters in lines."""
    if not report["groups"]:
        yield "no dead letters"
    for group in report["groups"]:
        yield (
            f"{group['letters']:>6}  {group['stage']:<8} {group['cause']:<16} {group['first_at']} … {group['last_at']}  "
            f"{group['where']}  {group['detail'][:80]}  (e.g. {group['example']})"
        )
    for stage, reason in report["brakes"].items():
        yield f"{stage} brakes: {reason}; `newsmill dead resume {stage}` lets it go on at once"
