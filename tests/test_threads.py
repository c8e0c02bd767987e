import threading
import time

import pytest

from stages.threads import WAITING, cores, in_order


def test_results_keep_their_order_whichever_is_finished_first():
    def slow_first(number):
        time.sleep(0.02 if number % 5 == 0 else 0)
        return number, threading.current_thread().name

    found = list(in_order(slow_first, range(40)))
    assert [number for number, _ in found] == list(range(40))
    assert threading.current_thread().name not in {name for _, name in found}


def test_few_items_are_held_at_a_time():
    taken = 0

    def items():
        nonlocal taken
        while taken < 1000:
            taken += 1
            yield taken

    for done, _ in enumerate(in_order(abs, items()), 1):
        assert taken - done <= WAITING * cores()


def test_an_error_arrives_where_the_results_are_used():
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda number: 1 // number, [2, 1, 0]))
