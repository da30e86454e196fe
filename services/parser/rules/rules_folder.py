"""Rules in a folder of the operator's own, read again when a file in it is added, changed or removed."""

from pathlib import Path

import structlog

from services.parser.rules import site_rules
from services.parser.rules.site_rules import Rules
from shared.errors import SettingsError

log = structlog.get_logger(__name__)

# A file's last change in nanoseconds and its size in bytes: it is read again when they differ.
Stamp = tuple[int, int]


class RulesFolder:
    """The rules in a folder. A file that is broken keeps the rules that it had before.

    Args:
        path: the folder, which may be missing or empty.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamps: dict[str, Stamp] = {}
        self._rules: dict[str, Rules] = {}
        self._in_order: tuple[Rules, ...] = ()

    def rules(self) -> tuple[Rules, ...]:
        """Returns the rules of all files, by name; later files override earlier ones. Costs a look at each file's date."""
        stamps = self._present_stamps()
        if stamps != self._stamps:
            changed = [name for name, stamp in stamps.items() if stamp != self._stamps.get(name)]
            self._rules = {name: rules for name, rules in self._rules.items() if name in stamps}
            self._stamps = stamps
            for name in changed:
                self._read(name)
            self._in_order = tuple(rules for _, rules in sorted(self._rules.items()))
        return self._in_order

    def _present_stamps(self) -> dict[str, Stamp]:
        try:
            files = [(file.name, file.stat()) for file in self._path.iterdir() if file.name.endswith(".yaml")]
        except FileNotFoundError:  # no folder, or a file that went away meanwhile: the next page sees what is there
            return self._stamps if self._path.is_dir() else {}
        except OSError as error:
            log.warning("the folder of rules cannot be read: its rules stay as they are", error=str(error))
            return self._stamps
        return {name: (status.st_mtime_ns, status.st_size) for name, status in files}

    def _read(self, name: str) -> None:
        try:
            self._rules[name] = site_rules.read(self._path / name)
        except (SettingsError, OSError, UnicodeDecodeError) as error:
            consequence = "its former rules are kept" if name in self._rules else "it is left out"
            log.warning(f"a file of rules is broken: {consequence}", file=str(self._path / name), error=str(error))
        else:
            log.info("rules read", file=str(self._path / name), hosts=list(self._rules[name].hosts))


def load_rules(folder: Path | None) -> None:
    """Loads the built-in rules, and has this process use those of a folder too.

    Raises:
        SettingsError: a built-in file is wrong.
    """
    site_rules.load()
    if folder is not None:
        own_rules = RulesFolder(folder)
        own_rules.rules()
        site_rules.use(own_rules.rules)
