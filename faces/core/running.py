"""How a program runs and ends: where every error becomes one line, and every end says why."""

import errno
import os
import select
import signal
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from faces.core.errors import TRACEBACK, UserError, plain, unexpected

READER_GONE = 128 + signal.SIGPIPE  # the exit status, as a shell has it for `cat` and others
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def run(main: Callable[[], None], timed: bool = True, words: bool = True) -> None:
    """Run a program's main; a `UserError` ends it with one line on stderr and exit status 1.

    So does any other error, in `unexpected`'s words. Ctrl-C ends it with a line and status 130; a
    reader of stdout that has gone, as `head` does, with none and 141.

    Args:
        timed: whether to keep how long it took, for the report.
        words: whether it reads its command line; if not, any word there is refused.
    """
    started = time.monotonic()
    if "DVC_STAGE" in os.environ:
        threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    try:
        if not words:
            refuse_words(sys.argv[1:])
        flushed(main)
    except UserError as error:
        fail(str(error), error)
    except BrokenPipeError as error:
        if not reader_gone():
            fail(unexpected(error), error)
        sys.exit(READER_GONE)
    except OSError as error:
        if not no_room(error):
            fail(unexpected(error), error)
        room = f"Expected room for the outputs. Received: {error}. Make some and run it again."
        fail(room, error)
    except Exception as error:
        fail(unexpected(error), error)
    except KeyboardInterrupt as stop:
        stopped(stop)
    if timed:
        from faces.core import times  # only now: it loads NumPy, which may be broken

        # What was asked for is done, whether or not this can be kept.
        with suppress(OSError):
            if name := times.stage_name():
                times.note(name, time.monotonic() - started)


def flushed(main: Callable[[], None]) -> None:
    """Run main, and write out what it printed: that may fail too."""
    try:
        main()
    except SystemExit:
        flush()
        raise
    flush()


def flush() -> None:
    if sys.stdout is not None:  # a shell's `>&-` closes it
        sys.stdout.flush()


def reader_gone() -> bool:
    """Whether nobody reads stdout any more; then nothing more is written there."""
    try:
        number = sys.stdout.fileno()
    except (AttributeError, OSError, ValueError):  # none, or no file
        return False
    poll = select.poll()
    poll.register(number, 0)
    gone = any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))
    if gone:
        give_up(sys.stdout)
    return gone


def give_up(stream: TextIO) -> None:
    """Have nothing more written to where it cannot be: what waits in the buffer goes nowhere.

    Python would try once more when it ends, and fail or wait again.
    """
    with suppress(OSError, ValueError):  # no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def refuse_words(given: list[str]) -> None:
    """End the program if there are words on its command line: it would not read them."""
    main = sys.modules["__main__"]
    if given in (["-h"], ["--help"]):
        print((main.__doc__ or "").partition("\n\n")[0].strip())
        sys.exit(0)
    if given:
        spec = getattr(main, "__spec__", None)
        name = spec.name if spec else Path(sys.argv[0]).name
        raise UserError(f"nothing after {name}", " ".join(given), "Settings are in params.yaml.")


def stopped(stop: KeyboardInterrupt) -> None:
    """Say what is left of a run that was stopped, and end it; nothing is promised beyond that."""
    again = "run `dvc repro` to go on" if "DVC_STAGE" in os.environ else ""
    kept = getattr(stop, "kept", "") or again
    print(f"stopped: {plain(kept)}" if kept else "stopped", file=sys.stderr)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # while threads end: no word in between
    sys.exit(128 + getattr(stop, "number", signal.SIGINT))


def fail(message: str, error: BaseException | None = None) -> None:
    """One line on stderr, and exit status 1; before it the traceback, where somebody asked."""
    if error and os.environ.get(TRACEBACK, "0") not in ("", "0"):
        traceback.print_exception(error)
    print("error:", " ".join(message.split()), file=sys.stderr)
    sys.exit(1)


def begin() -> None:
    """Make a program independent of how it was started. For `python -m faces...`, at its start.

    A file that is opened gets the first free number: with a closed stderr it would be that, and
    what libraries write to stderr would end in it. An encoding that is not UTF-8 would change
    answers, and could not hold names. And an error while modules are imported is one line too.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
        elif stream.encoding.lower() != "utf-8":
            stream.reconfigure(encoding="utf-8", errors=stream.errors)
    sys.excepthook = at_start
    if sys.getfilesystemencoding() != "utf-8":
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606
    if sys.warnoptions:  # -W error, for instance: a warning of a library is no error
        warnings.resetwarnings()
        for kind in (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning):
            warnings.simplefilter("ignore", kind)
    os.environ["MPLBACKEND"] = "agg"  # files are all that is drawn; one without a package ends it


def at_start(kind: type, error: BaseException, trace) -> None:
    """`sys.excepthook`: one line for what happens before `run`, while modules are imported."""
    if issubclass(kind, KeyboardInterrupt):
        print("stopped: nothing was begun.", file=sys.stderr)
    else:
        said = str(error) if isinstance(error, UserError) else unexpected(error)
        with suppress(SystemExit):
            fail(said, error)


def no_room(error: OSError) -> bool:
    """Whether a disk or a quota is full. NumPy says so without a number."""
    return error.errno in FULL or "requested and" in str(error)


def end_with(parent: int) -> None:
    """End this process as soon as its parent has ended.

    A stage whose DVC was killed would go on beside the one that the next `dvc repro` starts.
    """
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
