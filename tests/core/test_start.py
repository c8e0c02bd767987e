"""TensorFlow takes seconds to start: nothing loads it that does not need it."""

import subprocess
import sys

STAGES = "params download clean split card report"
ROOMS = "keypoints.data.split gender.data.split keypoints.points sources.drawn.archives"
PROGRAMS = "summary device submit kernel.__main__"
QUIET = [f"stages.{name}" for name in STAGES.split()]
QUIET += [f"faces.{name}" for name in (*ROOMS.split(), *PROGRAMS.split())]
NEEDS_IT = "faces.training.fit"
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
    assert those_that_load_it(QUIET) == []
    assert those_that_load_it(["faces.core.params", NEEDS_IT, "stages.split"]) == [
        NEEDS_IT,
        "stages.split",
    ]
