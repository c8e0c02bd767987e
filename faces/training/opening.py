"""Trained models, opened with care: a `.keras` file may come from anywhere."""

import io
import json
import math
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from faces.core import backend
from faces.core.errors import UserError
from faces.data.archives import check_members, open_zip, read_member

METADATA, CONFIG, WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
MEMBERS = {METADATA, CONFIG, WEIGHTS}
VERSION = re.compile(r"\d+(\.\w+){1,4}")  # it is repeated in a command to copy
LARGEST_CONFIG = 16 * 2**20  # bytes
# Where Keras keeps what is plain: a class of any other module is somebody's code.
MODULES = (
    "keras",
    "keras.activations",
    "keras.constraints",
    "keras.dtype_policies",
    "keras.initializers",
    "keras.layers",
    "keras.models",
    "keras.regularizers",
    "keras.src.models.functional",
    "keras.src.models.model",
    "keras.src.models.sequential",
)
# Of these, layers that run code, unpickle, or read files that their configuration names.
UNSAFE = {"Lambda", "TorchModuleWrapper", "TFSMLayer", "JaxLayer", "FlaxLayer"}
UNSAFE |= {"StringLookup", "IntegerLookup", "TextVectorization"}
OPERATIONS = "keras.src.ops."  # x[:, 2:] in a model is one
VALUES = {"__keras_tensor__", "__slice__", "__ellipsis__", "__tuple__"}  # in no module
TODO = "Remove it and run `dvc repro`, or get the file from somebody you trust."


def load(path: Path):
    """The Keras model in a `.keras` file.

    Raises:
        UserError: it is not there, damaged, or holds anything but Keras' own layers and numbers:
            a lambda or a pickle would run the code of whoever made the file.
    """
    what = f"a Keras model at {path}"
    with open_zip(path) as archive:
        check_members(archive, str(path))
        names = sorted(archive.namelist())
        if set(names) != MEMBERS or len(names) > len(MEMBERS):
            raise UserError(f"{what}: {', '.join(sorted(MEMBERS))}", ", ".join(names), TODO)
        check_config(read_member(archive, archive.getinfo(CONFIG), LARGEST_CONFIG), what)
        check_weights(archive, what)
        version = version_in(read_member(archive, archive.getinfo(METADATA), LARGEST_CONFIG))
    keras = backend.keras()
    backend.check_device()  # where there is none, the file is not to blame
    try:
        return keras.models.load_model(path, safe_mode=True, compile=False)
    except Exception as error:  # whatever the configuration makes Keras do
        raise refused(what, version, keras.__version__, error) from error


def refused(what: str, version: str, here: str, error: Exception) -> UserError:
    """Say what is wrong with a file that Keras cannot open: another version's, or a broken one.

    Args:
        version: of Keras, that wrote it. here: the one that read it.
    """
    while error.__cause__ or error.__context__:  # the innermost says what it is
        error = error.__cause__ or error.__context__
    said = f"{type(error).__name__}: {error}"
    if version == here:
        return UserError(what, said, TODO)
    todo = f"`pip install keras=={version}`, or train again with this one: `dvc repro -f`."
    received = f"a file saved by Keras {version}, not {here} ({said})"
    return UserError(f"{what}, saved by a version of Keras that this one can read", received, todo)


def version_in(metadata: bytes) -> str:
    """The version of Keras that wrote a file, by its metadata.json; "?" where it does not say.

    >>> version_in(b'{"keras_version": "3.12.0"}'), version_in(b"[]")
    ('3.12.0', '?')
    """
    try:
        version = json.loads(metadata)["keras_version"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return "?"
    return version if isinstance(version, str) and VERSION.fullmatch(version) else "?"


def check_config(content: bytes, what: str) -> None:
    """Raise a `UserError` unless every object in this config.json is a plain one of Keras'."""
    try:
        config = json.loads(content)
        if not isinstance(config, dict):
            raise ValueError("no object")
        config.pop("compile_config", None)  # of training: nobody reads it here
        for found in objects(config):
            if not is_plain(found):
                received = f"{found.get('module')}.{found['class_name']}"
                raise UserError(f"{what} of Keras' own layers", received, TODO)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{what} with a configuration", str(error), TODO) from error


def is_plain(found: dict) -> bool:
    """Whether an object of a configuration is one of Keras' own that does nothing but compute."""
    name, module = found["class_name"], found.get("module")
    if not isinstance(name, str) or found.get("registered_name") not in (None, name):
        return False
    if module is None:
        return name in VALUES
    if module == "builtins":  # where Keras puts the names of its own functions, "relu"
        return name == "function"
    known = isinstance(module, str) and (module in MODULES or module.startswith(OPERATIONS))
    return known and name not in UNSAFE


def objects(config) -> Iterator[dict]:
    """Every dict in the configuration that names a class, however deep."""
    if isinstance(config, dict):
        if "class_name" in config:
            yield config
        config = list(config.values())
    if isinstance(config, list):
        for item in config:
            yield from objects(item)


def check_weights(archive: zipfile.ZipFile, what: str) -> None:
    """Raise a `UserError` unless the weights are plain numbers that lie in the file itself.

    HDF5 can name other files, hold pickles, and claim to be of any size.
    """
    import h5py

    def check(name: str, item) -> None:
        if not isinstance(item, h5py.Dataset):
            return
        size = math.prod(item.shape or ()) * item.dtype.itemsize
        plain = item.dtype.kind in "biufV" and not item.external and not item.is_virtual
        if not plain or size > item.id.get_storage_size():
            raise ValueError(f"{name} is no array of numbers")

    def check_links(group) -> None:
        for name in group:
            link = group.get(name, getlink=True)
            if not isinstance(link, h5py.HardLink):
                raise ValueError(f"{name} is a link")
            if isinstance(group[name], h5py.Group):
                check_links(group[name])

    try:
        content = io.BytesIO(read_member(archive, archive.getinfo(WEIGHTS)))
        with h5py.File(content, "r") as weights:
            check_links(weights)
            weights.visititems(check)
    except Exception as error:  # h5py knows a dozen kinds
        raise UserError(f"{what} with its weights", str(error), TODO) from error
