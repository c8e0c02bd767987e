"""What libraries write to stderr below Python, kept back unless something fails."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what is written to stderr meanwhile; it is shown only if the block fails.

    TensorFlow and LiteRT write notes on the CPU and on missing drivers from C++, below Python's
    streams and whatever its log level: only the file descriptor itself can be turned away.
    """
    try:
        kept, notes = os.dup(2), in_memory()
    except OSError:  # no stderr, or no file descriptors left: then it is not quiet
        yield
        return
    if sys.stderr:
        sys.stderr.flush()
    os.dup2(notes, 2)
    try:
        yield
    except BaseException:
        os.lseek(notes, 0, os.SEEK_SET)
        os.write(kept, os.read(notes, 2**20))
        raise
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(notes)


def in_memory() -> int:
    """A file without a name, in memory where the system can: a temporary folder may be full."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("notes")
    import tempfile

    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
