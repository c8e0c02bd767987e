"""params.yaml: how a stage reads its sections. What values may be, stage `params` checks."""

import datetime
import unicodedata
from contextlib import suppress
from pathlib import Path

from ruamel.yaml import YAML, YAMLError

from faces.core import files
from faces.core.errors import UserError

FILE = Path("params.yaml")
SAMPLE, OTHER = "sample", "other"  # drawn faces, and whatever else `source` names
WORDS = (SAMPLE, "kaggle")
TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
TEXTS = ("source", "competition", "dataset", "labels")  # whose values stay as they are written


def normal(name: str) -> str:
    """A name without differences that do not matter: case, Unicode form, space around.

    >>> normal(" Women") == normal("WOMEN")
    True
    """
    return unicodedata.normalize("NFC", name).strip().casefold()


def by_class(value: dict | list | str) -> dict:
    """Class names in any of their three forms, as the first: {class: [other names]}.

    >>> by_class("glasses/none")
    {'glasses': [], 'none': []}
    >>> by_class("Male, man, men / Female, woman")
    {'Male': ['man', 'men'], 'Female': ['woman']}
    """
    if isinstance(value, dict):
        return value
    return {name: more for name, *more in entries(value)}


def entries(value: list | str) -> list[list[str]]:
    """The names of each class, its own first."""
    if isinstance(value, list):
        return [[name] for name in value]
    return [[name.strip() for name in entry.split(",")] for entry in value.split("/")]


def plain(value, key: str = ""):
    """A value as it is meant: numbers and truths in quotes, words in capitals, names as numbers.

    YAML and DVC make numbers, truths and dates of words without quotes.

    >>> plain({"lr": "0.001", "epochs": 2.0, "device": "CPU", "labels": 2024})
    {'lr': 0.001, 'epochs': 2, 'device': 'cpu', 'labels': '2024'}
    >>> plain({"classes": [True, "none"]}), plain("yes")
    ({'classes': ['true', 'none']}, True)
    """
    if key == "classes":
        return class_lists(value)
    if key in TEXTS:
        return "" if value is None else name(value)
    if isinstance(value, dict):
        return {inner: plain(v, inner) for inner, v in value.items()}
    if isinstance(value, str):
        word = value.strip().lower()
        if word in TRUTHS:
            return TRUTHS[word]
        with suppress(ValueError):
            return plain(float(word))
        return word
    return int(value) if isinstance(value, float) and value.is_integer() else value


def class_lists(value):
    """`classes`, whose names may have been taken for numbers or truths."""
    if isinstance(value, dict):
        return {name(k): class_lists([] if v is None else v) for k, v in value.items()}
    return [name(item) for item in value] if isinstance(value, list) else value


def name(value):
    """A name that YAML took for a number, a date or a truth."""
    known = isinstance(value, (bool, int, float, datetime.date))
    return str(value).lower() if known else value


def for_source(value, source: str):
    """Choose, wherever params have one value for drawn faces and one for all other sources.

    >>> for_source({"lr": 0.1, "epochs": {"sample": 2, "other": 60}}, "kaggle")
    {'lr': 0.1, 'epochs': 60}
    """
    if not isinstance(value, dict):
        return value
    if set(value) == {SAMPLE, OTHER}:
        return value[SAMPLE if source == SAMPLE else OTHER]
    return {key: for_source(inner, source) for key, inner in value.items()}


def read(text_: str) -> dict:
    """The content of a params.yaml, as plain Python values, unchecked.

    `ruamel.yaml` reads YAML 1.2, as DVC does: `1e-05`, as DVC writes it, is a number there, and
    a text in PyYAML's YAML 1.1.
    """
    try:
        return YAML(typ="safe", pure=True).load(text_)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error)
        received = f"{problem} in line {mark.line + 1}" if mark else problem
        todo = "Correct that line."
        if "\\t" in problem:
            todo = "Put spaces in place of the tab."
        raise UserError("valid YAML in params.yaml", received, todo) from error


def content(path: Path) -> str:
    """The text of a params.yaml; a `UserError` if it is none in UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        todo = "Save it as UTF-8, or take it from git: git checkout params.yaml"
        raise UserError("params.yaml in UTF-8", f"another encoding ({error})", todo) from error


def word_of(source: str) -> str:
    """`sample` or `kaggle` in small letters, however it is written; a folder as it is.

    Raises:
        UserError: it may mean either.
    """
    word = source.lower()
    if word not in WORDS or source == word:
        return source
    if (files.repository() / source).exists():
        todo = f"Write {word}, or ./{source} for the folder."
        raise UserError("a source that is one thing", f"{source}, which is a folder too", todo)
    return word


def section(params: dict, key: str):
    """The value of a key as dvc.yaml writes it, `seed` or `keypoints.split`.

    Raises:
        UserError: there is none.
    """
    for part in key.split("."):
        if not isinstance(params, dict) or part not in params:
            raise UserError(f"a value for {key} in params.yaml", "nothing", "Run `dvc repro`.")
        params = params[part]
    return params


def load(*keys: str) -> dict:
    """The values of these keys, as dvc.yaml lists them for a stage, and of no others.

    Args:
        keys: `seed` or `keypoints.split`. A stage that reads a value that depends on the source
            names `source` too, so that DVC knows. `engine` alone stands in no stage's params:
            `faces.core.engine` reads it.

    Returns:
        The values by the last part of their key: {"seed": 1, "split": {...}}.
    """
    if not FILE.exists():
        raise UserError("params.yaml in the current folder", "none", "Run from the repository.")
    params = plain(read(content(FILE)))
    source = word_of(section(params, "source"))
    params = plain(for_source(params, source)) | {"source": source}
    return {key.rpartition(".")[2]: section(params, key) for key in keys}
