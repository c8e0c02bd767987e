"""Write what is sent to Kaggle: a folder of `kernel-metadata.json` and one file that holds all."""

import base64
import contextlib
import hashlib
import io
import json
import lzma
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from faces.core import files, params
from faces.core.errors import UserError
from faces.rules import checking

KEYS = ["source", "kaggle.competition", "kaggle.dataset", "gender.labels"]
# All that `dvc repro` needs; not the web page, which no stage imports.
SENT = (
    *(
        "stages",
        "faces",
        "data/source",
        "dvc.yaml",
        "params.yaml",
        "requirements.txt",
        "constraints.txt",
    ),
    *(".dvc/config", ".dvcignore"),
)
LEFT_OUT = ("faces/app/",)
NOTEBOOK = "notebooks/from-csv-to-score.ipynb"
CODE, METADATA = "pipeline.py", "kernel-metadata.json"
# No limit is documented. Far above what is sent (0.2 MB), something is in it that does not belong.
LARGEST = 2**20  # bytes
LINE = 1000  # letters of the archive in a line of the script
ACCELERATORS = {"": "NvidiaTeslaT4", "gpu": "NvidiaTeslaT4", "t4": "NvidiaTeslaT4"}
NONE = ("none", "cpu")


@dataclass(frozen=True)
class Options:
    """Hold what `make kernel` was asked for.

    Args:
        changes: of params, `key=value`, as `dvc exp run -S` takes them.
        accelerator: Kaggle's name of a GPU, "" for the default, `none` for a CPU.
        internet: whether the kernel may use it: what the image lacks is installed from there.
        wheels: a data set (owner/name) with wheels of what the image lacks, for a kernel without.
        backend: Keras' there. title: of the kernel, its address follows from it.
        notebook: send the notebook in place of the pipeline.
    """

    changes: tuple[str, ...] = ()
    accelerator: str = ""
    internet: bool = True
    wheels: str = ""
    backend: str = "tensorflow"
    title: str = "Faces from archive to submission"
    notebook: bool = False


@dataclass(frozen=True)
class Package:
    """Pack an archive of the source, with the changed params, and what the kernel is told.

    Args:
        committed_params: params.yaml of the commit. notebook: the notebook's JSON, empty without.
    """

    archive: bytes
    committed_params: bytes
    notebook: bytes
    settings: dict
    options: Options

    @property
    def content(self) -> str:
        """A hash of all that the outcome depends on."""
        told = {k: v for k, v in self.settings.items() if k != "commit"}
        return hashlib.sha256(repr((told, self.options)).encode()).hexdigest()[:16]


def package(options: Options) -> Package:
    """The last commit with these changes of its params, checked as stage `params` checks them.

    Raises:
        UserError: a param that cannot be used, a source that is not at Kaggle, not a repository.
    """
    sent = committed([*SENT, NOTEBOOK] if options.notebook else SENT)
    before = sent["params.yaml"]
    sent["params.yaml"], chosen = changed_params(before, options.changes)
    book = sent.pop(NOTEBOOK, b"")
    packed = archive(sent)
    settings = {
        "sha256": hashlib.sha256(packed).hexdigest(),
        "commit": head(),
        "source": chosen["source"],
        "competition": chosen["competition"],
        "dataset": chosen["dataset"].partition("/")[2],
        "gpu": machine(options.accelerator) is not None,
        "internet": options.internet,
        "backend": options.backend,
        "notebook": options.notebook,
    }
    inputs = [] if chosen["source"] == "sample" else [chosen["competition"]]
    sets = [chosen["dataset"]] if inputs and not options.notebook else []
    settings |= {"competitions": inputs, "datasets": [*sets, *filter(None, [options.wheels])]}
    return Package(packed, before, book, settings, options)


def machine(accelerator: str) -> str | None:
    """Kaggle's name of the machine; None for one without a GPU.

    Raises:
        UserError: not a name, or one of a TPU, which the pipeline cannot use.
    """
    name = ACCELERATORS.get(accelerator.lower(), accelerator)
    if name.lower() in NONE:
        return None
    if not name.isalnum() or name.lower().startswith("tpu"):
        todo = "Say ACCELERATOR=NvidiaTeslaT4, NvidiaL4 ..., or none for a CPU."
        raise UserError("one of Kaggle's GPUs as ACCELERATOR", repr(name), todo)
    return name


def git(*words: str) -> bytes | None:
    """Ask git; None where this is no repository, or there is no git."""
    try:
        done = subprocess.run(["git", *words], capture_output=True)  # noqa: S603, S607
    except OSError:
        return None
    return None if done.returncode else done.stdout


def head() -> str:
    """The short name of the last commit; "" without a repository."""
    return (git("rev-parse", "--short", "HEAD") or b"").decode().strip()


def committed(names) -> dict[str, bytes]:
    """These files and folders as the last commit has them; as they lie here without a repository.

    Raises:
        UserError: this is not the project's folder, or nothing was committed.
    """
    if git("rev-parse", "--git-dir") is None:
        paths = [p for name in names for p in (Path(name), *sorted(Path(name).rglob("*")))]
        paths = [p for p in paths if p.is_file() and not p.is_symlink() and p.suffix != ".pyc"]
        found = {p.as_posix(): p.read_bytes() for p in paths}
    else:
        packed = git("archive", "--format=tar", "HEAD", "--", *names) or b""
        if not packed:
            todo = "Run it in the repository, with a commit of all of these."
            raise UserError(f"{', '.join(names)} in the last commit", "not all of them", todo)
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            found = {m.name: archive.extractfile(m).read() for m in archive if m.isfile()}
    missing = {"dvc.yaml", "params.yaml"} - found.keys()
    if missing:
        raise UserError(f"{', '.join(sorted(missing))} here", "none", "Run from the repository.")
    return {name: data for name, data in found.items() if not name.startswith(LEFT_OUT)}


def uncommitted() -> list[str]:
    """Paths of changes that are not in the last commit, and so are not sent."""
    said = git("status", "--porcelain", "-z", "--no-renames", "--", *SENT, NOTEBOOK) or b""
    return sorted(entry[3:].decode(errors="replace") for entry in said.split(b"\0") if entry)


def changed_params(text: bytes, changes: tuple[str, ...]) -> tuple[bytes, dict]:
    """The text of params.yaml after the changes, and what we need to know of it.

    `source` becomes `kaggle` unless a change says `sample`: a folder of this machine is not there,
    and no cluster.

    Raises:
        UserError: a change that is none, or a value that cannot be used.
    """
    from dvc.exceptions import DvcException
    from dvc.utils.hydra import apply_overrides

    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "params.yaml")
        path.write_bytes(text)
        try:
            apply_overrides(path, ["source=kaggle", "engine=local", *changes])
        except (DvcException, ValueError, AssertionError) as error:
            todo = 'Say -S key=value, as in ARGS="-S lr=0.001".'
            raise UserError("changes of params", f"{' '.join(changes)} ({error})", todo) from error
        checking.check(params.read(params.content(path)))
        with contextlib.chdir(name):
            chosen = params.load(*KEYS)
        text = path.read_bytes()
    if chosen["source"] not in ("kaggle", "sample"):
        todo = "Leave it out: a folder of this machine is not there."
        raise UserError("source=kaggle or source=sample", repr(chosen["source"]), todo)
    if chosen["labels"]:
        todo = "Put it into the data set as labels.csv, or send without: -S gender.labels=''."
        raise UserError("no gender.labels for a kernel", repr(chosen["labels"]), todo)
    return text, chosen


def archive(sent: dict[str, bytes]) -> bytes:
    """The files as `tar --xz`, the same bytes for the same files."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in sorted(sent, key=lambda name: (Path(name).suffix, name)):  # like beside like
            member = tarfile.TarInfo(name)
            member.size = len(sent[name])
            tar.addfile(member, io.BytesIO(sent[name]))
    return lzma.compress(content.getvalue(), preset=9 | lzma.PRESET_EXTREME)


def script(package: Package, id_: str) -> str:
    """The one file that runs at Kaggle: `bootstrap.py`, told what to do, with the source in it."""
    text = Path(__file__).with_name("bootstrap.py").read_text(encoding="utf-8")
    source = base64.b85encode(package.archive).decode()
    lines = "\n".join(source[i : i + LINE] for i in range(0, len(source), LINE))
    told = json.dumps(json.dumps({**package.settings, "id": id_}))
    filled = text.replace("SETTINGS = {}  #", f"SETTINGS = json.loads({told})  #", 1)
    return filled.replace('SOURCE = ""', f'SOURCE = """\n{lines}\n"""', 1)


def notebook(package: Package, id_: str) -> str:
    """The notebook, with a first cell that brings the source, and a last that saves the file."""
    content = json.loads(package.notebook)
    first = cell("faces-source", script(package, id_))
    last = cell("faces-submission", "there.save_submission(file, SETTINGS)")
    content["cells"] = [first, *content["cells"], last]
    return json.dumps(content, ensure_ascii=False)


def cell(name: str, source: str) -> dict:
    empty = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": []}
    return {**empty, "id": name, "source": source}


def write(folder: Path, package: Package, owner: str, id_: str) -> tuple[str, int]:
    """Write the folder that the client pushes.

    Returns:
        The kernel as Kaggle names it, owner/name, and the size of the file in bytes.

    Raises:
        UserError: a title that Kaggle does not take, or a file that is too large.
    """
    from slugify import slugify

    options = package.options
    title = options.title + (" notebook" if options.notebook else "")
    slug = slugify(title)
    if not (len(slug) >= 5 and len(title) <= 50 and slug[0].isalpha()):
        todo = "Choose another: --title 'Faces on a T4'."
        raise UserError("a title of 5 to 50 characters that begins with a letter", title, todo)
    code = CODE.replace(".py", ".ipynb") if options.notebook else CODE
    text = (notebook if options.notebook else script)(package, id_)
    size = len(text.encode())
    if size > LARGEST:
        todo = "Take large files out of stages/ and faces/ and commit."
        raise UserError(f"at most {LARGEST:,} bytes to send", f"{size:,}", todo)
    shape = machine(options.accelerator)
    metadata = {
        "id": f"{owner}/{slug}",
        "title": title,
        "code_file": code,
        "language": "python",
        "kernel_type": "notebook" if options.notebook else "script",
        "is_private": True,
        "enable_gpu": shape is not None,
        "enable_internet": options.internet,
        "competition_sources": package.settings["competitions"],
        "dataset_sources": package.settings["datasets"],
        **({"machine_shape": shape} if shape else {}),
    }
    with files.replacing(folder) as unfinished:
        unfinished.mkdir(parents=True)
        files.save_text(unfinished / code, text)
        files.save_json(unfinished / METADATA, metadata)
    return metadata["id"], size
