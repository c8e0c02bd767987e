"""Keras with other backends: each in a process of its own, since a process has one."""

import os
import subprocess
import sys

from tests.helpers.clone import ROOT

# Compiled in less time, and threads that do not wait for each other where others work too.
QUICK = {"JAX_DISABLE_MOST_OPTIMIZATIONS": "1", "OMP_NUM_THREADS": "1"}


def said_on(backend: str, module: str, *words: str, **environment: str) -> str:
    """What `python -m MODULE WORDS` prints where Keras has that backend."""
    command = [sys.executable, "-m", module, *words]
    environment = {**os.environ, **QUICK, **environment, "KERAS_BACKEND": backend}
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
