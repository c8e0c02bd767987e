"""Run at Kaggle, with nothing but Python: look, install what is missing, `dvc repro`, pack.

Whatever is wrong is said in the last line of the log: `make kernel` shows it.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

# In variables of their own: the tests run this elsewhere.
INPUT = Path(os.environ.get("FACES_KERNEL_INPUT", "/kaggle/input"))
WORKING = Path(os.environ.get("FACES_KERNEL_WORKING", "/kaggle/working"))
MANIFEST, SUBMISSION = "manifest.json", "submission.csv"
STARTED = time.time()
SHOWN = ("python", "tensorflow", "keras", "jax", "numpy", "dvc")
# What the image's GPU libraries were built for stays as it is, if requirements.txt allows it.
KEPT = ("tensorflow", "jax", "jaxlib", "numpy", "torch")
VERIFY = "https://www.kaggle.com/settings, Phone verification"
TABLES = ("training.zip", "training.csv")


class Refused(RuntimeError):
    """Say what is wrong, as errors here do. No `SystemExit`: a notebook would go on after one."""

    def __init__(self, expected: str, received: str, todo: str):
        super().__init__(f"Expected {expected}. Received: {received}. {todo}")


def run(folder: Path, settings: dict) -> None:
    """Run the pipeline in the unpacked `folder`, and leave what came out in Kaggle's folder.

    Raises:
        Refused: what was asked for is not here.
    """
    say(f"commit {settings['commit'] or 'none'}, Python {sys.version.split()[0]}")
    (folder / ".dvc/config.local").write_text("[core]\n    no_scm = true\n", encoding="utf-8")
    (folder / "kernel.json").write_text(json.dumps(settings), encoding="utf-8")
    gpus = seen_gpus()
    if settings["gpu"] and not gpus:
        todo = f"Kaggle lends one once a phone is verified: {VERIFY}. Or say ACCELERATOR=none."
        raise Refused("a GPU", "none", todo)
    lay_out(settings, folder.with_name("faces-input"))
    environment = prepare(folder, settings)
    steps = [
        ["faces.kernel.lay"],
        ["dvc", "repro"],
        ["faces.kernel.parcel", str(WORKING)],
    ]
    if settings["notebook"]:
        steps = [["faces.kernel.lay", "keypoints"]]
        os.chdir(folder)
    try:
        for step in steps:
            call([environment["FACES_PYTHON"], "-m", *step], folder, environment)
    except subprocess.CalledProcessError as error:
        words = " ".join(error.cmd[1:])
        todo = "What went wrong stands above."
        raise Refused(f"{words} to end well", f"status {error.returncode}", todo) from None


def say(text: str) -> None:
    print(text, flush=True)


def call(words: list[str], folder: Path, environment: dict) -> None:
    """Run a command, its output shown, errors in their place among the rest."""
    subprocess.run(words, cwd=folder, env=environment, check=True, stderr=subprocess.STDOUT)  # noqa: S603


def digest(path: Path, kind: str) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, kind).hexdigest()


def sign(path: Path, settings: dict, seconds: float) -> None:
    """Write a manifest beside a file: its hash, of which run it is, and what it was made with."""
    manifest = {
        "id": settings["id"],
        "commit": settings["commit"],
        "seconds": round(seconds),
        "versions": versions(),
        "gpu": seen_gpus(),
        "bytes": path.stat().st_size,
        "sha256": digest(path, "sha256"),
    }
    text = json.dumps(manifest, indent=2)
    path.with_name(MANIFEST).write_text(text, encoding="utf-8")
    say(f"{path.name}: {manifest['bytes'] / 1e6:.1f} MB")


def save_submission(table, settings: dict) -> None:
    """For the notebook: write its answers, and their manifest, into Kaggle's folder.

    Args:
        table: `RowId` and `Location`.
    """
    WORKING.mkdir(parents=True, exist_ok=True)
    table.to_csv(WORKING / SUBMISSION, index=False)
    sign(WORKING / SUBMISSION, settings, time.time() - STARTED)


def seen_gpus() -> list[str]:
    """The names of the GPUs that the driver lists."""
    try:
        asked = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True)  # noqa: S607
    except OSError:
        return []
    return [line for line in asked.stdout.splitlines() if line.startswith("GPU")]


def lay_out(settings: dict, laid: Path) -> None:
    """Link Kaggle's input into one folder, as a folder source has it.

    Raises:
        Refused: the competition or the data set is not there.
    """
    if settings["source"] == "sample":
        return
    laid.mkdir(parents=True, exist_ok=True)
    name = settings["competition"]
    link(laid, "facial-keypoints-detection", name, lambda f: any((f / n).exists() for n in TABLES))
    if not settings["notebook"]:
        link(laid, "face-detection", settings["dataset"], lambda folder: True)
    say(f"input: {', '.join(str(p.resolve()) for p in sorted(laid.iterdir()))}")


def link(laid: Path, stem: str, name: str, fits) -> None:
    """Link the source `name` into the folder, packed (as `stem`.zip) or unpacked (as `stem`)."""
    found = find(INPUT, name, fits)
    if found is None:
        there = ", ".join(sorted(p.relative_to(INPUT).as_posix() for p in INPUT.glob("*/*"))[:8])
        rules = f"https://www.kaggle.com/competitions/{name}/rules"
        todo = f"Accept the rules ({rules}), look at the names under kaggle: in params.yaml."
        raise Refused(f"{name} under {INPUT}", there or "nothing", todo)
    path = laid / (f"{stem}.zip" if found.is_file() else stem)
    path.unlink(missing_ok=True)
    path.symlink_to(found)


def find(top: Path, name: str, fits) -> Path | None:
    """The folder or the archive of a source, at any depth: the one of its name nearest to the top.

    Kaggle has put them at `input/NAME`, and puts them at `input/competitions/NAME` and
    `input/datasets/OWNER/NAME`.

    Args:
        fits: whether a folder has what it must; one below the folder of that name will do.
    """
    level = [top]
    while level:
        for folder in level:
            if folder.name == name and folder != top:
                packed = next((p for p in folder.rglob(f"{name}.zip") if p.is_file()), None)
                inside = [folder, *(p for p in sorted(folder.rglob("*")) if p.is_dir())]
                found = next((f for f in inside if fits(f)), None)
                if packed or found:
                    return packed or found
        level = [p for folder in level for p in sorted(folder.iterdir()) if p.is_dir()]
    return None


def prepare(folder: Path, settings: dict) -> dict[str, str]:
    """Install what the image lacks, and give the variables for what runs next.

    It is installed beside the image's own packages, not over them: into an environment that sees
    them, or, for a notebook, whose Python runs already, among them.

    Raises:
        Refused: it cannot be installed.
    """
    here = sys.executable
    if not is_complete(here, folder):
        if not settings["notebook"]:
            own = folder.with_name("faces-python")
            words = ["-m", "venv", "--clear", "--system-site-packages", "--without-pip", str(own)]
            subprocess.run([here, *words], check=True)  # noqa: S603
            here = str(own / "bin/python")
        install(here, folder, settings)
    os.environ["KERAS_BACKEND"] = settings["backend"]  # for the notebook, too
    paths = [str(Path(here).parent), os.environ.get("PATH", "")]  # dvc.yaml says `python`
    return {
        **os.environ,
        "PATH": os.pathsep.join(paths),
        "FACES_PYTHON": here,
        "FACES_KERNEL_STARTED": str(STARTED),
        "PYTHONUNBUFFERED": "1",
        "MPLBACKEND": "agg",  # an image for notebooks may name one that needs a notebook
        "DVC_NO_ANALYTICS": "1",
    }


def is_complete(python: str, folder: Path) -> bool:
    """Whether all that requirements.txt asks for is there."""
    words = ["-m", "pip", "install", "--dry-run", "--no-index", "-r", "requirements.txt"]
    return not subprocess.run([python, *words], cwd=folder, capture_output=True).returncode  # noqa: S603


def install(python: str, folder: Path, settings: dict) -> None:
    """Install the rest of requirements.txt, in the versions of constraints.txt if they fit.

    Raises:
        Refused: neither the internet nor wheels among the input have it.
    """
    have = {n: v for n in KEPT if (v := version(n))}
    kept = [f"{name}=={number}" for name, number in have.items()]
    lines = (folder / "constraints.txt").read_text(encoding="utf-8").splitlines()
    ours = [line for line in lines if not version(re.split(r"[=\s]", line)[0])]
    where = []
    if not settings["internet"]:
        folders = sorted({str(p.parent) for p in INPUT.rglob("*.whl")})
        where = ["--no-index", *(word for f in folders for word in ("--find-links", f))]
    words = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *where]
    for limits in ([*kept, *ours], kept, []):
        (folder / "limits.txt").write_text("\n".join(limits), encoding="utf-8")
        more = ["-r", "requirements.txt", "-c", "limits.txt"]
        done = subprocess.run([*words, *more], cwd=folder, capture_output=True, text=True)  # noqa: S603
        if not done.returncode:
            return
    said = (done.stderr.strip() or "nothing").splitlines()[-1]
    say(done.stderr)
    raise Refused("to install what Kaggle's image lacks", said, help_for(settings))


def help_for(settings: dict) -> str:
    if not settings["internet"]:
        return 'Without internet it needs a data set of wheels: ARGS="--wheels OWNER/NAME".'
    return f"Kaggle gives internet once a phone is verified: {VERIFY}."


def version(name: str) -> str:
    """The version of an installed package; "" without it."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def versions() -> dict[str, str]:
    """List the versions that run here, by name."""
    return {n: sys.version.split()[0] if n == "python" else version(n) for n in SHOWN}
