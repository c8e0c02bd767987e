"""Hashes of data, the same as in dvc.lock, so that a report can be matched with a run."""

import hashlib
import json
from pathlib import Path

BLOCK = 2**20


def md5(path: Path) -> str:
    """The hash that DVC gives a file, or a folder (it ends with `.dir` then).

    A folder's is the hash of the JSON list of its files' names and hashes, as DVC writes it.
    """
    if not path.is_dir():
        digest = hashlib.md5(usedforsecurity=False)
        with path.open("rb") as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
        return digest.hexdigest()
    files = [file for file in path.rglob("*") if file.is_file()]
    names = sorted((file.relative_to(path).as_posix(), file) for file in files)
    listed = [{"md5": md5(file), "relpath": name} for name, file in names]
    text = json.dumps(listed, sort_keys=True).encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest() + ".dir"
