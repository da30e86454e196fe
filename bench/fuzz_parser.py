"""Fuzzes the parser with mutated pages, guided by coverage: only a result or a Reject may come out.

    .venv-bench/bin/python bench/fuzz_parser.py tests/parser/golden CORPUS -- -max_total_time=600

What stands after `--` are options of libFuzzer. The pages are copied to a folder of seeds first, gzipped ones unpacked.
"""

import gzip
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["services", "shared"]):
    from services.parser.parse import read
    from shared.contracts import Kind
    from shared.errors import Reject

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = (None, Kind.ARTICLE, Kind.FRONT, Kind.FEED, Kind.SITEMAP, Kind.TEXT)
SUFFIXES = {".html", ".xml", ".json", ".txt", ".gz"}
MOST_SEEDS, LARGEST = 400, 200_000


def once(data: bytes) -> None:
    """The first byte says what the page is thought to be; the rest is the page."""
    if not data:
        return
    try:
        read(
            data[1:],
            "https://news.example/2024/01/02/a-story",
            KINDS[data[0] % len(KINDS)],
            None,
            NOW,
            max_bytes=1_000_000,
        )
    except Reject:
        return


def seeds(folders: list[Path]) -> Path:
    target = Path(tempfile.mkdtemp(prefix="newsmill-seeds-"))
    files = sorted(file for folder in folders for file in folder.rglob("*") if file.suffix in SUFFIXES)
    for number, file in enumerate(files[:: max(1, len(files) // MOST_SEEDS)]):
        page = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
        (target / str(number)).write_bytes(b"\0" + page[:LARGEST])
    return target


def main() -> None:
    arguments = sys.argv[1:]
    split = arguments.index("--") if "--" in arguments else len(arguments)
    folder = seeds([Path(name) for name in arguments[:split]])
    atheris.Setup([sys.argv[0], str(folder), f"-max_len={LARGEST}", "-timeout=20", *arguments[split + 1 :]], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
