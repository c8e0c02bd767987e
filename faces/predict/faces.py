"""What `import faces` finds where a file of it is run as a script: `python faces/predict`.

Python then looks into that file's own folder first. This puts the repository there instead, and
the package into its place, so that the command works as `python -m faces.predict` does.
"""

import importlib
import sys
from pathlib import Path

if __name__ == "faces":
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    del sys.modules["faces"]
    importlib.import_module("faces")
