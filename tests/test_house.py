"""The plan of the house: what imports what, how large files are, what a change runs again."""

import ast
import json
import re
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from tests.helpers.clone import ROOT

# From the ground up. Rooms of one floor do not import each other.
FLOORS = (
    ("core", "rules"),
    ("drawing", "data"),
    ("training",),
    ("keypoints", "gender"),
    ("sources", "detection"),
    ("pseudo_labels", "predict", "reporting"),
    ("app", "kernel", "device", "export", "submit", "summary"),
)
# What a floor may take from its own: the rules read params, the programs each other.
SAME_FLOOR = {("rules", "core"), ("kernel", "summary")}
TASK_FLOORS = ("data", "model", "scoring")


def modules() -> dict[str, Path]:
    """All modules of faces/ by their dotted names, packages without `__init__`."""
    found = {}
    for path in sorted((ROOT / "faces").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


def imports(path: Path, known: dict) -> set[str]:
    """The modules of ours that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name if name in known else node.module for name in names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name.partition(".")[0] in ("faces", "stages")}


KNOWN = modules()
IMPORTS = {name: imports(path, KNOWN) for name, path in KNOWN.items()}


def floor(room: str) -> int:
    return next(i for i, rooms in enumerate(FLOORS) if room in rooms)


def room_of(module: str) -> str:
    return module.split(".")[1]


def test_rooms_import_downwards_only():
    for module, found in IMPORTS.items():
        if module in ("faces", "faces.faces", "faces.predict.faces"):
            continue
        for other in found - {"faces"}:
            here, there = room_of(module), room_of(other)
            fits = here == there or floor(there) < floor(here) or (here, there) in SAME_FLOOR
            assert fits, f"{module} imports {other}"


def test_scoring_imports_data_and_model_and_these_import_no_scoring():
    for module, found in IMPORTS.items():
        parts = module.split(".")
        if parts[1:2] in (["keypoints"], ["gender"]) and parts[2:3] in (["data"], ["model"]):
            others = [name.split(".")[2] for name in found if name.startswith(f"faces.{parts[1]}.")]
            assert not set(others) & (set(TASK_FLOORS) - {parts[2]}), module


def test_nothing_imports_a_stage():
    assert not [m for m, found in IMPORTS.items() if any(f.startswith("stages") for f in found)]
    for path in (ROOT / "stages").glob("*.py"):
        assert not [name for name in imports(path, KNOWN) if name.startswith("stages")], path


def test_no_import_goes_in_a_circle():
    done, open_ = set(), []

    def visit(module: str) -> None:
        assert module not in open_, " -> ".join([*open_[open_.index(module) :], module])
        if module in done or module not in IMPORTS:
            return
        open_.append(module)
        for other in sorted(IMPORTS[module] - {module}):
            visit(other)
        done.add(open_.pop())

    for module in IMPORTS:
        # A package's own modules import it; its `__init__` hands them on.
        if KNOWN[module].name != "__init__.py":
            visit(module)


def test_the_stages_are_those_of_dvc_yaml():
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    entries = {p.name for p in (ROOT / "stages").iterdir() if p.name != "__pycache__"}
    assert entries == {f"{name}.py" for name in stages}


@pytest.mark.parametrize(
    ("pattern", "most"),
    [("stages/*.py", 60), ("dvc.yaml", 300), ("README.md", 200), ("README.ko.md", 200)],
)
def test_files_are_short(pattern, most):
    for path in ROOT.glob(pattern):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= most, path


def test_bench_is_small():
    lines = [len(p.read_text(encoding="utf-8").splitlines()) for p in (ROOT / "bench").glob("*.py")]
    assert sum(lines) <= 1100


def test_functions_are_short():
    for folder in ("faces", "stages", "bench", "tools"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    lines = node.end_lineno - node.lineno + 1
                    assert lines <= 50, f"{path.relative_to(ROOT)}: {node.name} has {lines} lines"


BOTH = ("keypoints", "gender")
# A change of a file, and the stages that DVC runs first for it; after them, what follows where
# their outputs differ. `stage` is both tasks' of it, `stage@task` one task's.
REACHES = {
    "faces/rules/keys.py": "params",
    "faces/sources/kaggle.py": "",  # no change of code downloads Kaggle's archives again
    "faces/sources/drawn/face.py": "download",
    "faces/gender/data/copies.py": "clean@gender split@gender crossval",
    "faces/training/muon.py": (
        "label_errors train alignment pseudo_labels export evaluate crossval refit submission"
    ),
    "faces/gender/model/network.py": (
        "label_errors@gender train@gender pseudo_labels evaluate@gender crossval"
    ),
    "faces/keypoints/scoring/scores.py": "evaluate@keypoints crossval submission report",
    "faces/gender/scoring/scores.py": "evaluate@gender crossval",
    "faces/drawing/sheets.py": "evaluate",
    "faces/reporting/page.css": "card report",
    "faces/app/server.py": "",
    "faces/kernel/pack.py": "",
    "faces/predict/batch.py": "",
}


@pytest.mark.slow
def test_a_change_reaches_the_stages_that_depend_on_it_and_no_others(clone):
    for name, wanted in REACHES.items():
        path = clone.folder / name
        before = path.read_bytes()
        path.write_bytes(before + b"\n")
        reached = set(json.loads(clone.dvc("status", "--json")))
        path.write_bytes(before)
        assert reached == expected(wanted), name


def expected(stages: str) -> set[str]:
    """The names of these stages, of both tasks where none is named."""
    twins = ("clean", "split", "label_errors", "train", "evaluate", "crossval")
    found = set()
    for stage in stages.split():
        found |= {f"{stage}@{task}" for task in BOTH} if stage in twins else {stage}
    return found


@pytest.mark.slow
def test_each_room_that_a_stage_names_is_imported_from(clone):
    """By one of the twins: what one of them does not need stands in dvc.yaml for the other."""
    locked = yaml.safe_load((clone.folder / "dvc.lock").read_text(encoding="utf-8"))["stages"]
    named, loaded = defaultdict(set), defaultdict(set)
    for stage, content in locked.items():
        name = stage.partition("@")[0]
        deps = {dep["path"] for dep in content["deps"]}
        named[name] |= {of_twins(dep) for dep in deps}
        loaded[name] |= {of_twins(f) for f in (clone.trace / stage).read_text("utf-8").split()}
    for name, deps in named.items():
        rooms = [dep for dep in deps if dep.startswith("faces/")]
        unused = [r for r in rooms if not any(f.startswith(r) for f in loaded[name])]
        assert not unused, f"{name} names what it does not import: {unused}"


def of_twins(path: str) -> str:
    """The path with a slash at its end, and the same for both tasks."""
    return re.sub(r"/(keypoints|gender)/(?!points)", "/*/", f"{path}/")
