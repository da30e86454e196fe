"""Fuzzes the doors that take foreign bytes: only a result or a named refusal may come of any bytes.

    .venv/bin/python bench/fuzz.py DOOR…|all --seconds 300 [--seeds FOLDER] [--findings FOLDER]

The doors are those of tests/hostile/doors.py. Coverage guides the examples where Atheris is installed
(`.venv/bin/uv pip install --python .venv/bin/python atheris`), else hypothesis makes them. Each door has a process of its
own; after a finding it is started again, until the seconds are over or MOST_FINDINGS are found. A finding is an error,
an example that takes more than SLOW_SECONDS, or a process of more than MEGABYTES: its bytes and the log are kept in the
folder of findings. All seconds are of CPU, so that a busy machine changes nothing. Exits with 1 if there is any.
"""

import argparse
import contextlib
import gzip
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

# Code whose branches guide Atheris.
GUIDING = ["services", "shared", "newsmill", "warcio"]
SLOW_SECONDS, MEGABYTES, MOST_FINDINGS = 10, 2048, 5
# After so many times as long an example that waits, and takes no CPU, is a finding too.
PATIENCE = 30
MOST_SEEDS, LONGEST_WORD, LOG_END = 400, 64, 1_000_000
END = re.compile(r"^examples: (\d+), seconds: ([\d.]+)", re.MULTILINE)
COVERAGE = re.compile(r"\bcov: (\d+)")
ERROR = re.compile(
    r"^(?:[\w.]+(?:Error|Exception|Warning)\b.*|.*libFuzzer: (?:timeout|out-of-memory).*)$", re.MULTILINE
)


class Run(NamedTuple):
    """What one process did: its examples and seconds, the branches that they reached, and its finding; empty without one."""

    examples: int
    seconds: float
    coverage: int
    finding: str


def seeds_of(options: argparse.Namespace) -> tuple[list[bytes], list[bytes], int]:
    """Returns examples of a door with the files of further folders, gzipped ones unpacked; its words; its largest size."""
    from tests.hostile.doors import DOORS

    door = DOORS[options.door]
    files = sorted(file for folder in options.seeds for file in folder.rglob("*") if file.is_file())
    chosen = files[:: max(1, len(files) // MOST_SEEDS)]
    pages = [gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes() for file in chosen]
    return [*door.seeds, *(b"\0" + page for page in pages)], list(door.words), door.largest


class Taker:
    """Takes examples at a door until the seconds are over, and prints what it took when it or an example fails.

    Args:
        door: takes an example.
        seconds: of CPU.
    """

    def __init__(self, door: Callable[[bytes], None], seconds: float) -> None:
        self._take, self._seconds = door, seconds
        self._began, self._examples = time.process_time(), 0

    @property
    def is_over(self) -> bool:
        return time.process_time() - self._began > self._seconds

    def __call__(self, data: bytes) -> None:
        """Raises TimeoutError for an example that takes too long."""
        self._examples += 1
        began = time.process_time()
        with contextlib.ExitStack() as failing:
            failing.callback(self.print)
            self._take(bytes(data))
            if (seconds := time.process_time() - began) > SLOW_SECONDS:
                raise TimeoutError(f"{seconds:.1f} s of CPU for {len(data)} bytes")
            failing.pop_all()

    def print(self) -> None:
        print(f"examples: {self._examples}, seconds: {time.process_time() - self._began:.1f}", flush=True)


def fuzz_guided(options: argparse.Namespace) -> None:
    """Fuzzes a door in this process with Atheris until its first finding or the end of the time."""
    import atheris

    with atheris.instrument_imports(include=GUIDING):
        from tests.hostile.doors import DOORS
    folder = Path(tempfile.mkdtemp(prefix="newsmill-fuzz-"))
    examples, words, largest = seeds_of(options)
    (folder / "seeds").mkdir()
    for number, example in enumerate(examples):
        (folder / "seeds" / str(number)).write_bytes(example[:largest])
    quoted = ["".join(f"\\x{byte:02x}" for byte in word) for word in words if len(word) <= LONGEST_WORD]
    (folder / "words").write_text("".join(f'"{word}"\n' for word in quoted))
    arguments = [
        sys.argv[0], str(folder / "seeds"), *([f"-dict={folder / 'words'}"] if quoted else []), f"-max_len={largest}",
        f"-timeout={PATIENCE * SLOW_SECONDS}", f"-rss_limit_mb={MEGABYTES}", f"-artifact_prefix={options.findings}/{options.door}-",
    ]  # fmt: skip
    taker = Taker(DOORS[options.door].take, options.seconds)

    def example(data: bytes) -> None:
        taker(data)
        if taker.is_over:
            taker.print()
            # libFuzzer would take an exception for a finding.
            os._exit(0)

    atheris.Setup(arguments, example)
    atheris.Fuzz()


def fuzz_unguided(options: argparse.Namespace) -> None:
    """Fuzzes a door in this process with hypothesis until its first finding or the end of the time."""
    from hypothesis import HealthCheck, Phase, given, settings

    from tests.hostile.doors import DOORS
    from tests.hostile.fuzzing import mangled

    taker, kept = Taker(DOORS[options.door].take, options.seconds), options.findings / f"{options.door}-last"

    @settings(
        max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
    )
    @given(mangled(DOORS[options.door]))
    def example(data: bytes) -> None:
        kept.write_bytes(data)
        taker(data)

    while not taker.is_over:
        example()
    taker.print()
    kept.unlink(missing_ok=True)


def run(door: str, seconds: float, options: argparse.Namespace, log: Path) -> Run:
    """Fuzzes a door in a process of its own, and keeps what it prints in a log."""
    command = [sys.executable, __file__, door, "--here", "--seconds", str(seconds), "--findings", options.findings]
    folders = [argument for folder in options.seeds for argument in ("--seeds", folder)]
    with log.open("wb") as output:
        code = subprocess.run([*command, *folders], stdout=output, stderr=output, cwd=ROOT, check=False).returncode
    text = _end(log)
    end, coverage, errors = END.search(text), COVERAGE.findall(text), ERROR.findall(text)
    finding = [*errors, f"exit code {code}"][0] if code else ""
    examples, spent = (int(end[1]), float(end[2])) if end else (0, seconds)
    return Run(examples, spent, int(coverage[-1]) if coverage else 0, finding)


def _end(log: Path) -> str:
    """Returns the end of a log. All of it could be larger than what its door may take: processes inherit their parent's peak."""
    with log.open("rb") as lines:
        lines.seek(max(0, log.stat().st_size - LOG_END))
        return lines.read().decode(errors="replace")


def findings_at(door: str, options: argparse.Namespace) -> list[str]:
    """Fuzzes a door for the seconds of the options, prints its line, and returns its findings."""
    runs = list[Run]()
    while (remaining := options.seconds - sum(past.seconds for past in runs)) > 1 or not runs:
        runs.append(run(door, remaining, options, options.findings / f"{door}-{len(runs)}.log"))
        if sum(bool(past.finding) for past in runs) == MOST_FINDINGS:
            break
    findings = list(dict.fromkeys(past.finding for past in runs if past.finding))
    examples, seconds = sum(past.examples for past in runs), sum(past.seconds for past in runs)
    coverage = max(past.coverage for past in runs)
    print(f"{door:16} {seconds:>8.0f} {examples:>10} {coverage:>8}  {'; '.join(findings) or '-'}", flush=True)
    return findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("doors", nargs="+", metavar="door", help="the name of a door, or all")
    parser.add_argument("--seconds", type=float, default=60, help="of CPU for each door")
    parser.add_argument(
        "--seeds", type=Path, action="append", default=[], help="a folder of further pages to start from"
    )
    parser.add_argument("--findings", type=Path, default=ROOT / "build/fuzz", help="where findings are kept")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.door = options.doors[0]
    options.findings.mkdir(parents=True, exist_ok=True)
    is_guided = importlib.util.find_spec("atheris") is not None
    if options.here:
        (fuzz_guided if is_guided else fuzz_unguided)(options)
        return 0
    from tests.hostile.doors import DOORS

    engine = "Atheris" if is_guided else "hypothesis"
    print(f"{'door':16} {'CPU s':>8} {'examples':>10} {'coverage':>8}  findings ({engine})", flush=True)
    chosen = [door for door in DOORS if door in options.doors or "all" in options.doors]
    findings = [item for door in chosen for item in findings_at(door, options)]
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
