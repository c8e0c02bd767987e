"""What `import stages` finds where a file of it is run as a script: `python stages/predict.py`.

Python then looks into that file's own folder first. This puts the repository there instead, and
the package into its place, so that the command works as `python -m stages.predict` does.
"""

import importlib
import sys
from pathlib import Path

if __name__ == "stages":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    del sys.modules["stages"]
    importlib.import_module("stages")
