"""A running reader under load: `python bench/reader.py PORT`. It loads this machine's own reader only."""

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.reader.load import get, half_open, requests, slow_bodies, slow_heads

LOADS = (
    (requests, 80), (requests, 1000), (requests, 2000), (half_open, 2000), (slow_heads, 500), (slow_bodies, 100),
)  # fmt: skip


async def table(port: int) -> None:
    print(f"{'load':<24}{'outcomes':<36}{'seconds':>8}   a second later")
    for load, number in LOADS:
        result = await load(port, number)
        await asyncio.sleep(1)
        answers = [await get(port, path) for path in ("/healthz", "/v1/articles")]
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in result.outcomes.most_common())
        later = ", ".join(f"{status} in {seconds:.2f} s" for status, seconds in answers)
        print(f"{number:>5} {load.__name__:<18}{outcomes:<36}{result.seconds:>8.1f}   {later}", flush=True)


if __name__ == "__main__":
    asyncio.run(table(int(sys.argv[1])))
