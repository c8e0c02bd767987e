"""The outputs of a kernel, brought home: checked, put in their places, and DVC told."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from faces.core import files, paths
from faces.core.errors import UserError
from faces.kernel import parcel, there
from faces.kernel.state import FOLDER, HOME, Run
from faces.sources import fetching, kaggle_client

ARRIVED, BEFORE = FOLDER / "arrived", FOLDER / "before"


def bring(api, run: Run) -> None:
    """Download the outputs of a run that has ended, and put them where `dvc repro` would.

    Raises:
        UserError: they do not arrive whole, or cannot be put there.
    """
    manifest = fetch(api, run, parcel.RESULTS)
    install(run)
    run.now(phase=HOME, brought=sha256(Path(parcel.PARAMS)))
    shutil.rmtree(ARRIVED)
    print("\n".join([*made(manifest), *agreement()]))


def bring_submission(api, run: Run, competition: str) -> None:
    """Download the notebook's answers, into `.cache/kernel`: they are no output of the pipeline.

    Raises:
        UserError: they do not arrive whole.
    """
    manifest = fetch(api, run, there.SUBMISSION)
    path = FOLDER / there.SUBMISSION
    (ARRIVED / there.SUBMISSION).replace(path)
    run.now(phase=HOME)
    submit = f'kaggle competitions submit -c {competition} -f {path.as_posix()} -m "the notebook"'
    print("\n".join([*made(manifest), f"submit      {submit}"]))


def fetch(api, run: Run, name: str) -> dict:
    """Download a file and its manifest into an empty folder, until they fit together.

    Raises:
        UserError: they never do.
    """

    def once() -> dict:
        shutil.rmtree(ARRIVED, ignore_errors=True)
        ARRIVED.mkdir(parents=True)
        wanted = "|".join(map(re.escape, (name, there.MANIFEST)))
        options = {"file_pattern": f"^({wanted})$", "force": True, "page_size": 200}
        api.kernels_output(run.kernel, str(ARRIVED), **options)
        try:
            return parcel.checked(ARRIVED / name, run.id)
        except parcel.OtherRun as error:
            todo = f'Another version was sent to {run.page}. Send it again: ARGS="--anew".'
            raise UserError(f"the outputs of run {run.id}", str(error), todo) from None
        except ValueError as error:
            raise kaggle_client.Incomplete(str(error)) from None

    what = f"the outputs of {run.kernel}"
    return kaggle_client.attempt(api, once, what, f"Look at {run.page}.")


def sha256(path: Path) -> str:
    """The hash of a file; "" without it."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def dvc(*words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "dvc", *words]
    return subprocess.run(command, capture_output=True, text=True)  # noqa: S603


def install(run: Run) -> None:
    """Put what has arrived into DVC's cache and into its places here.

    What is replaced is kept in `.cache/kernel/before`, and params.yaml stays as it is if it was
    changed while the kernel ran.

    Raises:
        UserError: DVC cannot put it there.
    """
    asked = dvc("cache", "dir")
    if asked.returncode:
        raise UserError("DVC's cache", asked.stderr.strip(), "Look at `dvc cache dir`.")
    try:
        with zipfile.ZipFile(ARRIVED / parcel.RESULTS) as archive:
            others = parcel.unpack(archive, Path(asked.stdout.strip()))
    except (ValueError, KeyError, zipfile.BadZipFile) as error:
        todo = f"Look at {run.page}, and run it again."
        raise UserError(f"outputs in {parcel.RESULTS}", str(error), todo) from error
    mine = Path(parcel.PARAMS)
    ours = hashlib.sha256(others[parcel.PARAMS]).hexdigest()
    if sha256(mine) not in (run.params, ours):
        del others[parcel.PARAMS]
        print(f"{mine} was changed meanwhile, and stays as it is")
    else:
        fetching.watch({}, paths.LINKS)  # what an earlier folder source has left
    keep(others)
    for name, content in others.items():
        with files.replacing(Path(name)) as unfinished:
            unfinished.write_bytes(content)
    done = dvc("checkout")
    if done.returncode:
        reason = " ".join(done.stderr.split())
        todo = "Move what you changed there aside, then `dvc checkout --force`."
        raise UserError("`dvc checkout` to put the outputs in their places", reason, todo)


def keep(others: dict[str, bytes]) -> None:
    """Copy each file that will be replaced by another into `.cache/kernel/before`."""
    replaced = [
        n for n, data in others.items() if Path(n).is_file() and Path(n).read_bytes() != data
    ]
    if not replaced:
        return
    with files.replacing(BEFORE) as unfinished:
        for name in replaced:
            (unfinished / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(name, unfinished / name)
    print(f"{len(replaced)} replaced files are kept in {BEFORE.as_posix()}")


def differing() -> list[str]:
    """Stages that the next `dvc repro` would run, and why, a line each.

    Raises:
        UserError: DVC does not say.
    """
    asked = dvc("status", "--json")
    try:
        found = json.loads(asked.stdout)
    except ValueError:
        raise UserError("`dvc status`", asked.stderr.strip(), "Run it to see why.") from None
    lines = []
    for stage, changes in found.items():
        paths = [p for c in changes if isinstance(c, dict) for kind in c.values() for p in kind]
        lines.append(f"{stage}: {', '.join(map(str, paths)) or changes}")
    return lines


def made(manifest: dict) -> list[str]:
    """Say what came home, and how it was made."""
    seconds, here = manifest["seconds"], there.versions()
    gpu = "; ".join(manifest["gpu"]) or "no GPU"
    lines = [
        f"home        {manifest['bytes'] / 1e6:.1f} MB of commit {manifest['commit'] or 'none'}",
        f"ran         {seconds // 60}:{seconds % 60:02} min on {gpu.split(' (UUID')[0]}",
    ]
    for name, number in manifest["versions"].items():
        mine = here.get(name, "")
        other = "" if mine == number else f", here {mine or 'none'}"
        lines.append(f"{name:11} {number or 'none'} there{other}")
    return lines


def agreement() -> list[str]:
    """Whether DVC agrees that all is as the kernel made it."""
    changed = differing()
    if not changed:
        return ["dvc         the next `dvc repro` runs nothing"]
    return ["dvc         the next `dvc repro` runs:", *(f"  {line}" for line in changed)]
