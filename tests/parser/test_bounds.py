"""A page that takes too much ends its process, or is refused the memory; the next one is not charged for it."""

import multiprocessing
import signal
import time

import pytest

from services.parser import bounds

SPAWN = multiprocessing.get_context("spawn")


def spin(_message):
    while True:
        pass


def quick(_message):
    spent = time.process_time() + 0.6
    while time.process_time() < spent:
        pass
    return ()


def run_spinning():
    bounds.bounded(spin, seconds=1)("page")


def run_many():
    handle = bounds.bounded(quick, seconds=1)
    for _ in range(5):
        handle("page")


def run_hungry():
    bounds.limit_memory(512)
    try:
        bytearray(1024 * 1024 * 1024)
    except MemoryError:
        raise SystemExit(7) from None


def exit_code(target):
    process = SPAWN.Process(target=target)
    process.start()
    process.join(60)
    return process.exitcode


def test_a_page_that_never_ends_ends_its_process():
    assert exit_code(run_spinning) == -signal.SIGXCPU


def test_pages_are_not_charged_for_one_another():
    assert exit_code(run_many) == 0


def test_a_page_that_asks_for_too_much_memory_is_refused_it():
    assert exit_code(run_hungry) == 7


@pytest.mark.parametrize("count", [1, 3])
def test_what_a_handler_returns_comes_through(count):
    assert bounds.bounded(lambda message: [message] * count, seconds=60)("m") == ("m",) * count


def answer(argument: str) -> str:
    if argument == "spin":
        spin(argument)
    return str(len(bytearray(2048 * 1024 * 1024))) if argument == "hungry" else argument


def test_a_call_that_breaks_a_bound_is_named_and_the_next_has_a_new_process() -> None:
    with bounds.BoundedChild(answer, seconds=1, megabytes=1024) as child:
        assert child.call("first") == "first"
        with pytest.raises(bounds.OutOfBounds, match="1 s of CPU"):
            child.call("spin")
        assert child.call("second") == "second"
        with pytest.raises(bounds.OutOfBounds, match="1024 MB of memory"):
            child.call("hungry")
        assert child.call("third") == "third"
