"""The faces pipeline, to run at Kaggle. Written by `make kernel`, not by hand.

The text at the end is the source as an archive: `tar --xz`, in base85.
"""

import base64
import hashlib
import io
import json
import os
import shutil
import sys
import tarfile
from pathlib import Path

SETTINGS = {}  # filled in by faces/kernel/pack.py, as is SOURCE
SOURCE = ""


def unpack(folder: Path) -> None:
    """Put the source into an empty folder, if it is what was sent."""
    content = base64.b85decode("".join(SOURCE.split()))
    if hashlib.sha256(content).hexdigest() != SETTINGS["sha256"]:
        raise RuntimeError("Expected the source as it was sent. Received: another. Push it again.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(content), mode="r:xz") as archive:
        archive.extractall(folder)  # noqa: S202 it has the hash of what we packed ourselves


# In a variable of its own: the tests run this elsewhere.
PLACE = Path(os.environ.get("FACES_KERNEL_TEMP", "/tmp"), "faces")  # noqa: S108
if SETTINGS:
    unpack(PLACE)
    sys.path.insert(0, str(PLACE))
    from faces.kernel import there

    there.run(PLACE, SETTINGS)
    print(json.dumps({"done": SETTINGS["id"]}))
