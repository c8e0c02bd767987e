"""params.yaml: which keys there are, what they may be, and how a stage reads its own.

As a stage of its own (`python -m stages.params`) it checks the whole file before anything else
runs: DVC removes a stage's outputs before it starts it, so a wrong value is better found here.
"""

import datetime
import difflib
import math
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from ruamel.yaml import YAML, YAMLError

from stages import errors, files
from stages.errors import UserError

FILE = Path("params.yaml")
CHECKED = Path("data/params.checked")
LINKS = Path("data/source")  # made by stage download for the files of a folder source

TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}

Rule = Callable[[object], str | None]  # None, or what was expected
SAMPLE, OTHER = "sample", "other"  # drawn faces, and whatever else `source` names
WORDS = (SAMPLE, "kaggle")


def integer(low: int, high: int) -> Rule:
    def check(value):
        fits = type(value) is int and low <= value <= high
        return None if fits else f"a whole number from {low} to {high}"

    return check


def number(low: float, high: float) -> Rule:
    def check(value):
        fits = type(value) in (int, float) and math.isfinite(value) and low <= value <= high
        return None if fits else f"a number from {low:g} to {high:g}"

    return check


def one_of(*values) -> Rule:
    def check(value):
        known = any(type(value) is type(v) and value == v for v in values)
        return None if known else "one of " + ", ".join(str(v).lower() for v in values)

    return check


def text(empty: bool = False) -> Rule:
    def check(value):
        fits = isinstance(value, str) and (empty or value.strip())
        return None if fits else "a text"

    return check


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
    return {name: more for name, *more in _entries(value)}


def _entries(value: list | str) -> list[list[str]]:
    """The names of each class, its own first."""
    if isinstance(value, list):
        return [[name] for name in value]
    return [[name.strip() for name in entry.split(",")] for entry in value.split("/")]


def class_names(value) -> str | None:
    expected = "two or more class names (a/b/c, a list, or each with a list of other names)"
    if not isinstance(value, (dict, list, str)):
        return expected
    entries = list(value.items()) if isinstance(value, dict) else _entries(value)
    if isinstance(value, dict):
        if not all(isinstance(more, list) for _, more in entries):
            return expected
        entries = [[name, *more] for name, more in entries]
    names = [name for entry in entries for name in entry]
    if len(entries) < 2 or not all(isinstance(name, str) and name.strip() for name in names):
        return expected
    spellings = [name for entry in entries for name in {normal(n) for n in entry}]
    return None if len(set(spellings)) == len(spellings) else "no name under two classes"


def no_folds_or_several(value) -> str | None:
    fits = type(value) is int and (value == 0 or 2 <= value <= 20)
    return None if fits else "0 (none), or 2 to 20"


SHARE = number(0, 1)
TRAINING = {
    "folds": no_folds_or_several,
    "folds_of": one_of("all", "rest"),
    "members": integer(1, 100),
    "width": integer(4, 512),
    "depth": integer(1, 8),
    "epochs": integer(1, 10_000),
    "batch_size": integer(1, 4096),
    "patience": integer(1, 10_000),
    "optimizer": one_of("muon", "adamw", "adam", "sgd"),
    "warmup_epochs": number(0, 100),
    "weight_decay": SHARE,
    "ema": number(0, 0.99999),
    "flip_average": one_of(True, False),
    "views": integer(1, 5),
}

CHECK = {
    "folds": no_folds_or_several,
    "width": integer(4, 512),
    "epochs": integer(1, 10_000),
    "lr": number(1e-8, 10),
}
WARP = {
    "flip": SHARE,
    "degrees": number(0, 180),
    "scale": SHARE,
    "stretch": SHARE,
    "shear": SHARE,
    "shift": number(0, 48),
    "tilt": number(0, 0.5),
    "small": SHARE,
    "blur": SHARE,
    "gamma": number(0, 2),
    "noise": number(0, 128),
    "cutout": SHARE,
}
RULES = {
    "source": text(),
    "seed": integer(0, 2**31 - 1),
    "lr": number(1e-8, 10),
    "device": one_of("auto", "cpu", "gpu"),
    "precision": one_of("auto", "float32", "bfloat16", "float16"),
    "deterministic": one_of(True, False),
    "kaggle": {"competition": text(), "dataset": text()},
    "sample": {
        "train_rows": integer(20, 100_000),
        "test_images": integer(4, 100_000),
        "photos": integer(10, 100_000),
        "label": one_of("gender", "glasses", "expression"),
    },
    "keypoints": {
        "incomplete": one_of("mask", "drop"),
        "split": {
            "validation": number(0.01, 0.5),
            "test": number(0.01, 0.5),
            "alike": number(0.5, 1),
            "same_face": number(0.3, 1),
        },
        "suspects": one_of("drop", "keep"),
        "check": {**CHECK, "limit": number(0, 96)},
        "model": one_of("heatmaps", "report-1", "report-2", "report-3", "report-4"),
        "refit": integer(0, 100),
        **TRAINING,
        "augment": WARP,
    },
    "gender": {
        "labels": text(empty=True),
        "clean": {
            "classes": class_names,
            "alike_bits": integer(0, 32),
            "min_side": integer(2, 1000),
        },
        "split": {
            "size": integer(16, 512),
            "test_per_class": integer(1, 1_000_000),
            "validation": number(0.01, 0.5),
        },
        "suspects": one_of("drop", "keep"),
        "check": {**CHECK, "limit": SHARE},
        "teach": {
            "reframe": one_of(True, False),
            "epochs": integer(0, 10_000),
        },
        "model": one_of("residual", "blog"),
        **TRAINING,
        "augment": {**WARP, "colour": number(0, 2), "gray": SHARE, "mixup": number(0, 5)},
    },
}


def meanings(value) -> Iterable:
    """What else a value may mean: a number in quotes, a word in other letters, a name as a number.

    YAML and DVC make numbers, truths and dates of words without quotes.

    >>> list(meanings("0.5")), list(meanings(2024)), list(meanings("YES"))
    ([0.5, '0.5'], ['2024'], ['yes', True])
    """
    if value is None:
        yield ""
    elif isinstance(value, str):
        word = value.strip().lower()
        with suppress(ValueError):
            number_ = float(word)
            yield number_
            yield from meanings(number_) if number_.is_integer() else []
        yield word
        if word in TRUTHS:
            yield TRUTHS[word]
    elif isinstance(value, float) and value.is_integer():
        yield int(value)
        yield str(value)
    elif isinstance(value, (bool, int, float, datetime.date)):
        yield str(value).lower()
    elif isinstance(value, list):
        yield _names(value)
    elif isinstance(value, dict):
        yield {_name(k): _names(v) for k, v in value.items()}


def _names(value):
    """Other names of a class, of which there may be none."""
    if isinstance(value, list):
        return [_name(item) for item in value]
    return [] if value is None else value


def _name(value):
    """A class name that YAML took for a number or a truth."""
    return str(value).lower() if isinstance(value, (bool, int, float)) else value


def meant(value, rule):
    """A value as it is understood: as it is if it fits its rule, or the first meaning that does.

    >>> meant("0.001", number(0, 1)), meant(1.0, integer(0, 9)), meant("CPU", one_of("cpu"))
    (0.001, 1, 'cpu')
    """
    if isinstance(rule, dict):
        if not isinstance(value, dict):
            return value
        return {name: meant(v, rule[name]) if name in rule else v for name, v in value.items()}
    fits = (other for other in (value, *meanings(value)) if rule(other) is None)
    return next(fits, value)


def _problems(value, rule, key: str) -> Iterable[tuple[str, str, str]]:
    """Yields (key, expected, received) for whatever in `value` breaks `rule`."""
    received = "nothing" if value is None else repr(value)
    if callable(rule):
        expected = rule(value)
        if expected:
            yield key, expected, received
        return
    if not isinstance(value, dict):
        yield key, "a section with the keys " + ", ".join(rule), received
        return
    prefix = f"{key}." if key else ""
    for name in value:
        if name not in rule:
            near = difflib.get_close_matches(str(name), list(rule), 1)
            known = f"{prefix}{near[0]}" if near else "one of " + ", ".join(rule)
            yield f"{prefix}{name}", f"a key that exists ({known})", "an unknown key"
    for name, inner in rule.items():
        if name not in value:
            yield f"{prefix}{name}", "a value", "nothing"
        else:
            yield from _problems(value[name], inner, f"{prefix}{name}")


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


def check(params: dict) -> dict:
    """The same params, or a `UserError` that names the first key whose value cannot be used."""
    for source in (SAMPLE, OTHER):
        understood = meant(for_source(params, source), RULES)
        for key, expected, received in _problems(understood, RULES, ""):
            where = f" for {key}" if key else ""
            todo = "Correct it and run again."
            raise UserError(f"{expected}{where} in params.yaml", received, todo)
    return params


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


def load(*keys: str) -> dict:
    """The values of these keys, and of no others, so that a stage's list is what it reads.

    Args:
        keys: as in dvc.yaml, `seed` or `keypoints.split`. A stage that reads a value that depends
            on the source names `source` too, so that DVC knows.

    Returns:
        The values by the last part of their key: {"seed": 1, "split": {...}}.
    """
    if not FILE.exists():
        raise UserError("params.yaml in the current folder", "none", "Run from the repository.")
    params = check(read(content(FILE)))
    source = word_of(meant(params["source"], RULES["source"]))
    params, chosen = meant(for_source(params, source), RULES) | {"source": source}, {}
    for key in keys:
        value = params
        for part in key.split("."):
            value = value[part]
        chosen[key.rsplit(".", 1)[-1]] = value
    return chosen


def main() -> None:
    load()
    # DVC cannot read a link whose file is gone: another source could never be chosen.
    files.remove_dangling(LINKS)
    files.save_text(CHECKED, "Every value in params.yaml can be used.\n")


if __name__ == "__main__":
    errors.run(main, words=False)
