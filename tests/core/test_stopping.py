import os
import signal

import pytest

from faces.core.errors import Stopped
from faces.core.stopping import SIGNALS, Stopping


@pytest.fixture(autouse=True)
def usual():
    """Signals as a program has them that was started from a terminal."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in SIGNALS[1:]:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number, old in before.items():
        signal.signal(number, old)


def send(number=signal.SIGINT):
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_what_is_not_held(number):
    with pytest.raises(Stopped) as stop, Stopping().heard():
        send(number)
    assert stop.value.number == number
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


def test_what_is_held_is_done_to_its_end():
    stopping, done = Stopping(), []
    with pytest.raises(Stopped) as stop, stopping.heard(), stopping.held():
        send(signal.SIGTERM)
        done.append(True)
    assert done and stop.value.number == signal.SIGTERM


def test_a_second_signal_does_not_wait():
    stopping, done = Stopping(), []
    with pytest.raises(Stopped), stopping.heard(), stopping.held():
        send()
        done.append(1)
        send()
        done.append(2)
    assert done == [1]


def test_what_nohup_has_ignored_stays_so():
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with Stopping().heard():
        send(signal.SIGHUP)
