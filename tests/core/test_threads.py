import threading
import time

import pytest

from faces.core.threads import WAITING, cores, in_order
from tests.helpers.waiting import HANG


@pytest.mark.parametrize("together", [1, 7])
def test_results_keep_their_order_whichever_is_finished_first(together):
    def slow_first(number):
        time.sleep(0.02 if number % 5 == 0 else 0)
        return number, threading.current_thread().name

    found = list(in_order(slow_first, range(40), together))
    assert [number for number, _ in found] == list(range(40))


def test_the_thread_that_asks_works_too(monkeypatch):
    monkeypatch.setattr("faces.core.threads.cores", lambda: 2)

    asking, has_worked = threading.current_thread(), threading.Event()

    def until_both_have_worked(_):
        if threading.current_thread() is asking:
            has_worked.set()
        assert has_worked.wait(HANG)
        return threading.current_thread().name

    names = set(in_order(until_both_have_worked, range(20)))
    assert asking.name in names and len(names) == 2


@pytest.mark.parametrize("together", [1, 5])
def test_few_items_are_held_at_a_time(together):
    taken = 0

    def items():
        nonlocal taken
        while taken < 1000:
            taken += 1
            yield taken

    for done, _ in enumerate(in_order(abs, items(), together), 1):
        assert taken - done <= WAITING * cores() * together


def test_one_core_needs_no_other_thread(monkeypatch):
    monkeypatch.setattr("faces.core.threads.cores", lambda: 1)
    names = set(in_order(lambda _: threading.current_thread().name, range(5)))
    assert names == {threading.current_thread().name}


def test_an_error_arrives_where_the_results_are_used():
    with pytest.raises(ZeroDivisionError):
        list(in_order(lambda number: 1 // number, [2, 1, 0]))


def test_the_first_of_several_errors_arrives_whichever_came_first(monkeypatch):
    monkeypatch.setattr("faces.core.threads.cores", lambda: 2)

    later = threading.Event()

    def wrong(number):
        if number:
            later.set()
        assert later.wait(HANG)
        raise ValueError(number)

    with pytest.raises(ValueError, match=r"^0$"):
        list(in_order(wrong, range(30)))
