"""The command `newsmill`: its commands, each of which is a module that is imported when it is called."""

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from shared import VERSION

# A command's name and its line in `newsmill --help`, which is the first sentence of the help of its module.
COMMANDS = {
    "run": "Start everything on this machine and watch it.",
    "demo": "Run everything against a small invented news site on this machine.",
    "submit": "Trigger URLs through the reader's API.",
    "add": "Look at sites, show what can be polled, and add them.",
    "why": "Show the life of a URL.",
    "coverage": "Show what became of the stories that sites have listed.",
    "fetch": "Fetch a page as the fetcher does and show every step.",
    "host": "Show when a host may be asked and who waits for it, or pause it.",
    "parse": "Print what the parser reads from a page.",
    "export": "Write the stored articles or headlines as JSON Lines, CSV or Parquet.",
    "import": "Send saved pages to the parser and lists of URLs to the fetcher.",
    "replay": "Read kept pages again with the present parser and update what is stored.",
    "warc": "Write kept pages to one WARC 1.1 file.",
    "backup": "Copy the SQLite database to a file.",
    "dead": "List, show, retry or drop dead letters.",
    "image": "List, show, block or unblock images.",
    "users": "Add, list, change or remove users of the reader, and their tokens.",
    "audit": "Show who changed what, when and from where, newest first.",
    "rules": "Draft and check how single sites are read.",
    "watch": "Watch what is stored: saved queries that tell webhooks, services and feeds.",
    "sites": "List, show, change or remove sites; check a file of them.",
}
# `import` is a keyword of Python and so no name of a module.
MODULES = {"import": "import_pages"}


class LazyGroup(TyperGroup):
    """The group of all commands. Help and completion see names and summaries; calling a command imports its module."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name, summary in COMMANDS.items():
            self.add_command(TyperCommand(name, help=summary))

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Returns the name, the real command and its arguments."""
        name, summary, arguments = super().resolve_command(ctx, args)
        return name, load(name) if name and summary else None, arguments

    def invoke(self, ctx: Any) -> Any:
        """Runs a command. Prints a known error as a line on standard error and exits with status 2."""
        # Imported here, because --help does without pydantic and structlog.
        from newsmill.output import echo, log_to_standard_error  # noqa: PLC0415
        from shared.errors import NewsmillError  # noqa: PLC0415

        log_to_standard_error()
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except (NewsmillError, OSError) as error:
            echo(str(error), err=True)
            raise typer.Exit(2) from None


def load(name: str) -> Any:
    """Imports the module of a command and returns the command."""
    module = import_module(f"newsmill.commands.{MODULES.get(name, name)}")
    command = get_command(module.app)
    command.name = name
    return command


app = typer.Typer(cls=LazyGroup, no_args_is_help=True, pretty_exceptions_enable=False)


def _print_version(version: bool) -> None:
    if version:
        typer.echo(f"newsmill {VERSION}")
        raise typer.Exit


@app.callback()
def newsmill(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Turn URLs into clean articles and headlines in a database."""


def main() -> None:
    """Runs the command line."""
    app(prog_name="newsmill")


if __name__ == "__main__":
    main()
