"""Keras, started without the pages of notes that its backend prints first."""

import importlib
import os
import sys
import tempfile
from types import ModuleType


def keras() -> ModuleType:
    """The module `keras`. What its start writes to stderr is shown only if it fails.

    TensorFlow writes notes on the CPU and on missing drivers from C++, below Python's streams and
    whatever its log level: only the file descriptor itself can be turned away.
    """
    if "keras" in sys.modules:
        return sys.modules["keras"]
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as notes:
        os.dup2(notes.fileno(), 2)
        try:
            module = importlib.import_module("keras")
        except BaseException:
            notes.seek(0)
            os.write(kept, notes.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)
    return module
