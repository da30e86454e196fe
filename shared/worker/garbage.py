"""Python's garbage collection in a process that serves."""

import gc

# New objects until the collection looks at them; Python's default is 700.
YOUNG_OBJECTS = 10_000


def rarely_collect() -> None:
    """Takes what was imported out of Python's garbage collection, and lets that look at new objects less often.

    A batch of rows or a tree of blocks is many objects and no cycles: looking for some cost a sixth of storing and a
    twentieth of reading (docs/adr/0016), and the reader a tenth of a second now and then, in which no page was answered.
    Children that fork share the memory of what no collection touches.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS)
