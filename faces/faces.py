"""Stand in for the package where a file of it is run as a script: `python faces/submit.py`.

Python then looks into that file's own folder first, and finds this file. It puts the repository
there instead, and the package into its place, so that it works as `python -m faces.submit` does.
"""

import importlib
import sys
from pathlib import Path

if __name__ == "faces":
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    del sys.modules["faces"]
    importlib.import_module("faces")
