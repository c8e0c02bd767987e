"""TensorFlow takes seconds to start: nothing loads it that does not need it."""

import subprocess
import sys

import pytest

from bench.start import MODULES

ROOMS = "keypoints.split gender.split keypoints.store gender.store keypoints.labels gender.labels"
OTHERS = "summary sample.archives device app.__main__"
QUIET = [f"stages.{name}" for name in (*ROOMS.split(), *OTHERS.split())]
NEED_IT = "Keras and TensorFlow"


@pytest.mark.parametrize("modules", [m for name, m in MODULES.items() if name != NEED_IT] + QUIET)
def test_no_module_loads_tensorflow_before_it_is_needed(modules):
    code = f"import sys, {modules}\nsys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
