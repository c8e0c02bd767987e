import io
import sys
from itertools import islice, pairwise

import pytest

from faces.core.progress import progress_bar


class Clock:
    """Seconds that pass only when told."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def begin_log(monkeypatch):
    """Has a log take the place of stderr. Called in the test: pytest has its own before that."""

    def begin() -> io.StringIO:
        monkeypatch.delenv("TQDM_MININTERVAL", raising=False)
        monkeypatch.setattr(sys, "stderr", io.StringIO())
        return sys.stderr

    return begin


def test_a_log_has_a_line_every_few_seconds_with_how_much_is_done(begin_log):
    log = begin_log()
    with progress_bar(total=200, desc="predict", unit="photo") as bar:
        bar._time = Clock()
        bar.last_print_t = bar.start_t = 0.0
        for _ in range(200):
            bar._time.now += 0.1
            bar.update(1)
    lines = log.getvalue().splitlines()
    assert "\r" not in log.getvalue() and 8 <= len(lines) <= 12
    counts = [int(line.split("/200")[0].split()[-1]) for line in lines]
    assert counts == sorted(counts) and counts[-1] == 200
    assert all(after - before <= 25 for before, after in pairwise(counts))


def test_what_is_over_at_once_needs_no_line(begin_log):
    log = begin_log()
    assert list(progress_bar(range(100_000), "compare", leave=False)) == list(range(100_000))
    assert log.getvalue() == ""


def test_it_is_read_on_from_where_one_stopped(begin_log):
    begin_log()
    bar = iter(progress_bar(range(10)))
    assert [list(islice(bar, 4)) for _ in range(4)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9], []]


def test_the_name_of_what_is_read_cannot_command_the_terminal(begin_log, monkeypatch):
    log = begin_log()
    monkeypatch.setenv("TQDM_MININTERVAL", "0")
    with progress_bar(total=2, desc="a\x1b[2J\n.mp4") as bar:
        bar.update(1)
    assert "\x1b" not in log.getvalue() and "1/2" in log.getvalue()


def test_a_terminal_gets_a_bar_that_moves(begin_log, monkeypatch):
    log = begin_log()
    monkeypatch.setattr(log, "isatty", lambda: True)
    with progress_bar(total=2, mininterval=0) as bar:
        bar.update(1)
    assert "\r" in log.getvalue() and "1/2" in log.getvalue()


def test_a_log_that_cannot_be_written_ends_no_work(monkeypatch):
    class Broken(io.StringIO):
        def write(self, _):
            raise BrokenPipeError

    monkeypatch.setenv("TQDM_MININTERVAL", "0")
    for broken in (Broken(), None):
        monkeypatch.setattr(sys, "stderr", broken)
        assert list(progress_bar(range(3))) == [0, 1, 2]
