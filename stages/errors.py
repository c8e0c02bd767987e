"""The one kind of error that a user is meant to read, and where it becomes one line."""

import errno
import os
import sys
import threading
import time
from collections.abc import Callable

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class UserError(Exception):
    """Something the user can put right: what was expected, what was received, what to do."""

    def __init__(self, expected: str, received: str, todo: str):
        super().__init__(f"Expected {expected}. Received: {received}. {todo}")


def run(main: Callable[[], None]) -> None:
    """Run a stage's main; a `UserError` ends it with one line on stderr and exit status 1.

    So does a full disk; what was written before stays as it was.
    """
    if "DVC_STAGE" in os.environ:
        threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    try:
        main()
    except UserError as error:
        fail(str(error))
    except OSError as error:
        if not no_room(error):
            raise
        fail(f"Expected room for the outputs. Received: {error}. Make some and run it again.")
    except KeyboardInterrupt:
        print("stopped: nothing that was finished before is lost.", file=sys.stderr)
        sys.exit(130)


def fail(message: str) -> None:
    """One line on stderr, and exit status 1."""
    print("error:", " ".join(message.split()), file=sys.stderr)
    sys.exit(1)


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
