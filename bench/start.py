"""How long the command line takes to start, in CPU time, as ratios of what it cannot do without.

Run it with `python bench/start.py [--rounds N]`. The commands take turns, so that a busy machine slows all of them alike.
Help, version and completion are compared with importing Typer and rich, `parse` with importing the parser.
"""

import argparse
import os
import resource
import subprocess
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
NEWSMILL = str(Path(sys.executable).parent / "newsmill")
PAGE = str(ROOT / "tests/parser/golden/jsonld-en/page.html")
COMPLETION = {"_NEWSMILL_COMPLETE": "complete_bash", "COMP_WORDS": "newsmill ex", "COMP_CWORD": "1"}
LIBRARIES = (sys.executable, "-c", "import typer, rich")
PARSER = (sys.executable, "-c", "import typer, rich, services.parser.parse")
# Name: command, variables, and what it is compared with.
COMMANDS: dict[str, tuple[tuple[str, ...], dict[str, str], str]] = {
    "import typer, rich": (LIBRARIES, {}, "import typer, rich"),
    "newsmill --help": ((NEWSMILL, "--help"), {}, "import typer, rich"),
    "newsmill --version": ((NEWSMILL, "--version"), {}, "import typer, rich"),
    "completion": ((NEWSMILL,), COMPLETION, "import typer, rich"),
    "import the parser": (PARSER, {}, "import the parser"),
    "newsmill parse": ((NEWSMILL, "parse", PAGE), {}, "import the parser"),
}


def cpu_seconds(command: tuple[str, ...], variables: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=ROOT, env=os.environ | variables, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, (command, variables, _reference) in COMMANDS.items():
            seconds[name].append(cpu_seconds(command, variables))
    print(f"{'CPU seconds':<22}{'minimum':>9}{'median':>9}   ratio of minimums")
    for name, (_command, _variables, reference) in COMMANDS.items():
        ratio = min(seconds[name]) / min(seconds[reference])
        print(f"{name:<22}{min(seconds[name]):>9.2f}{median(seconds[name]):>9.2f}   {ratio:.1f} × {reference}")


if __name__ == "__main__":
    main()
