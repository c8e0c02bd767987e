"""Work on all cores for what leaves Python's lock: NumPy on large arrays, Pillow, inflating."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

WAITING = 4  # items for each thread: enough to keep it busy, few enough for any memory
Item, Result = TypeVar("Item"), TypeVar("Result")


def cores() -> int:
    """Processor cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def in_order(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """`map(function, items)` on threads; a few items are held at a time, however many there are.

    >>> list(in_order(abs, [-1, 2, -3]))
    [1, 2, 3]
    """
    with ThreadPoolExecutor(cores()) as pool:
        waiting = deque()
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) == WAITING * cores():
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
