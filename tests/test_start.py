"""TensorFlow takes seconds to start: nothing loads it that does not need it."""

import subprocess
import sys

from bench.start import MODULES

ROOMS = "keypoints.split gender.split keypoints.store gender.store keypoints.labels gender.labels"
OTHERS = "summary sample.archives device app.__main__"
QUIET = [f"stages.{name}" for name in (*ROOMS.split(), *OTHERS.split())]
NEED_IT = "Keras and TensorFlow"
# All of them in one process, one after another: after a module that loads it, each one is named.
IMPORTER = """
import importlib, sys

for names in sys.argv[1:]:
    for name in names.split(", "):
        importlib.import_module(name)
    if {"tensorflow", "keras"} & set(sys.modules):
        print(names)
"""


def those_that_load_it(modules: list[str]) -> list[str]:
    words = [sys.executable, "-c", IMPORTER, *modules]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_no_module_loads_tensorflow_before_it_is_needed():
    assert those_that_load_it([m for name, m in MODULES.items() if name != NEED_IT] + QUIET) == []
    assert those_that_load_it(["stages.params", MODULES[NEED_IT], "stages.split"]) == [
        MODULES[NEED_IT],
        "stages.split",
    ]
