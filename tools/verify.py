"""`make verify`: the pipeline twice, in two clones, and every byte of their outputs compared.

    python -m tools.verify [-S key=value ...]

The clones are of the last commit, each with its own DVC cache and nothing kept from a training
before. Both run on this machine, with the Python packages of this environment.
"""

import argparse
import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ruamel.yaml import YAML

from faces.core.params import WORDS

ROOT = Path(__file__).resolve().parents[1]
# The second clone has a longer name: a path in an output would show.
CLONES = ("first", "the second one")
NAMES = {f"GIT_{who}_NAME": "verify" for who in ("AUTHOR", "COMMITTER")}
NAMES |= {f"GIT_{who}_EMAIL": "verify@localhost" for who in ("AUTHOR", "COMMITTER")}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make verify", description=__doc__.split("\n")[0])
    parser.add_argument("-S", "--set-param", action="append", default=[], metavar="KEY=VALUE")
    changes = with_absolute_source(parser.parse_args().set_param)
    if run("git", "status", "--porcelain", cwd=ROOT, quiet=True).strip():
        print("note: what is not committed is not in the clones")
    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        clones = [Path(folder, name) for name in CLONES]
        for number, clone in enumerate(clones, 1):
            print(f"run {number} of {len(clones)}", flush=True)
            run_pipeline(clone, changes)
        found = [hashes(clone) for clone in clones]
    different = compare(*found)
    for name in different:
        print(f"different: {name}")
    outputs = len(found[0].keys() | found[1].keys())
    print(f"{outputs} output files compared, {len(different)} different")
    return 1 if different or not outputs else 0


def run_pipeline(clone: Path, changes: list[str]) -> None:
    """Clone the repository and run all of it, in a process group and a cache of its own."""
    run("git", "clone", "--quiet", str(ROOT), str(clone), cwd=ROOT)
    words = [word for change in changes for word in ("-S", change)]
    own = {name: str(clone / ".dvc/tmp" / name) for name in ("global", "system", "site")}
    env = {
        **os.environ,
        **NAMES,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "DVC_GLOBAL_CONFIG_DIR": own["global"],  # a cache that all clones share may be set there
        "DVC_SYSTEM_CONFIG_DIR": own["system"],
        "DVC_SITE_CACHE_DIR": own["site"],
    }
    run("dvc", "exp", "run", *words, cwd=clone, env=env)


def run(*words: str, cwd: Path, env: dict | None = None, quiet: bool = False) -> str:
    """Run a command, its output shown unless `quiet`; an end with an error is the end of all."""
    out = subprocess.PIPE if quiet else None
    done = subprocess.run(words, cwd=cwd, env=env, stdout=out, text=True)  # noqa: S603
    if done.returncode:
        sys.exit(f"error: {' '.join(words[:3])} ended with status {done.returncode} in {cwd}")
    return done.stdout or ""


def with_absolute_source(changes: list[str], root: Path = ROOT) -> list[str]:
    """The same changes of params, and one more where `source` is a folder relative to `root`."""
    given = [change.partition("=")[2] for change in changes if change.startswith("source=")]
    settings = YAML(typ="safe").load(root / "params.yaml")
    source = str(given[-1] if given else settings["source"])
    if source.lower() in WORDS:
        return changes
    return [*changes, f"source={root / Path(source).expanduser()}"]


def hashes(clone: Path) -> dict[str, str]:
    """SHA-256 of every file that dvc.lock names as an output, by its path in the clone."""
    stages = YAML(typ="safe").load(clone / "dvc.lock")["stages"]
    outputs = [clone / out["path"] for stage in stages.values() for out in stage.get("outs", [])]
    files = [
        file
        for path in outputs
        for file in (path.rglob("*") if path.is_dir() else [path])
        if not file.is_dir()
    ]
    return {file.relative_to(clone).as_posix(): sha256(file) for file in sorted(files)}


def sha256(path: Path) -> str:
    if not path.is_file():
        return "missing"
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def compare(first: dict[str, str], second: dict[str, str]) -> list[str]:
    """Names of the files that are not there twice with the same content."""
    names = sorted(first.keys() | second.keys())
    return [n for n in names if first.get(n) != second.get(n) or first.get(n) == "missing"]


if __name__ == "__main__":
    sys.exit(main())
