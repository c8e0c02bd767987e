"""README.md and the pages it leads to name what there is, and say the same in Korean."""

import importlib.util
import re
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from tests.helpers import markdown

ROOT = Path(__file__).parents[2]
# Each page that there is in both languages.
KOREAN = {ROOT / "README.md": ROOT / "README.ko.md"}
KOREAN |= {ROOT / "docs" / page.name: page for page in sorted((ROOT / "docs/ko").glob("*.md"))}
PAGES = [page for pair in KOREAN.items() for page in pair]
README = [section for page in KOREAN for section in markdown.read(page)]
COMMANDS = [line for section in README for line in section.commands()]
CODE = [span for section in README for span in section.code()]
PARAMS = yaml.safe_load((ROOT / "params.yaml").read_text(encoding="utf-8"))
# Files that a run writes beside the outputs of stages.
WRITTEN = {"metrics/times.js", "data/exports/"}
# What docs/CONTRIBUTING.md adds, step by step: examples, not there.
TO_ADD = {"keypoints.train.dropout", "faces/hats/", "stages/brightness.py"}
LONGEST = 200  # lines of a README that is read to its end


def differences(english: str, korean: str, pages=None) -> list[str]:
    """Lines that say what one of two pages has and the other has not.

    Args:
        pages: where they are, if their links lead to other pages.
    """
    pages = pages or (ROOT / "README.md", ROOT / "README.ko.md")
    ours, theirs = markdown.sections(english), markdown.sections(korean)
    levels = [[section.level for section in one] for one in (ours, theirs)]
    if levels[0] != levels[1]:
        return [f"levels of headings: {levels[0]}, in Korean: {levels[1]}"]
    lines = []
    for one, other in zip(ours, theirs, strict=True):
        links = [
            [placed(link, page, all_sections) for link in section.links()]
            for section, page, all_sections in zip((one, other), pages, (ours, theirs), strict=True)
        ]
        for what, has, korean_has in [*compared(one, other), ("links", *links)]:
            missing, more = markdown.only(has, korean_has), markdown.only(korean_has, has)
            if missing or more:
                where = f"{one.title} / {other.title}: {what}"
                lines.append(f"{where}: only in English {missing}, only in Korean {more}")
    return lines


def compared(one, other):
    """What both sections must have alike: a word for it, and the lists."""
    yield "commands", one.commands(), other.commands()
    yield "code", one.code(), other.code()
    yield "figures", one.figures(), other.figures()
    yield "files in a block", one.files(), other.files()
    yield "cells of a table", one.cells(), other.cells()


def placed(link: str, page: Path, here: list[markdown.Section]) -> str:
    """Where a link leads, in whatever language: the English page, and the heading's place on it."""
    path, _, heading = link.partition("#")
    if "://" in link:
        return link
    english = {theirs: ours for ours, theirs in KOREAN.items()}
    there = (page.parent / path).resolve() if path else page
    if path and english.get(there, there) == english.get(page, page):
        return "the other language"
    name = english.get(there, there).relative_to(ROOT).as_posix() if path else ""
    if not heading:
        return name
    found = markdown.read(there) if path and there.is_file() else here
    return name + markdown.placed(f"#{heading}", found)


@pytest.mark.parametrize(("english", "korean"), KOREAN.items(), ids=lambda path: path.name)
def test_both_languages_say_the_same(english, korean):
    texts = [page.read_text(encoding="utf-8") for page in (english, korean)]
    found = differences(*texts, (english, korean))
    assert not found, "\n".join(found)


def test_the_readme_is_short_and_leads_to_every_page():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST
    linked = {link for section in markdown.sections(text) for link in section.links()}
    assert {page.relative_to(ROOT).as_posix() for page in KOREAN} - {"README.md"} <= linked


SMALL = """# One

[there](#two) 4.21 px, `make run`

| a | b |
| --- | --- |

```bash
make run    # all of it
```

## Two

[a page](docs/faults.md)
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("4.21", "4.12", "One / One: figures: only in English ['4.21'], only in Korean ['4.12']"),
        ("make run    #", "make it    #", "commands: only in English ['make run'], only in"),
        ("faults.md)", "fault.md)", "Two / Two: links: only in English ['docs/faults.md']"),
        ("(#two)", "(#one)", "links: only in English ['#1'], only in Korean ['#0']"),
        ("(#two)", "(#three)", "only in Korean ['#three (no such heading)']"),
        ("## Two", "### Two", "levels of headings: [1, 2], in Korean: [1, 3]"),
        ("`make run`", "`make it`", "code: only in English ['make run']"),
        ("| a | b |\n", "", "cells of a table: only in English [3]"),
    ],
)
def test_a_difference_is_said_in_a_line(old, new, said):
    assert SMALL.count(old) == 1
    assert [said in line for line in differences(SMALL, SMALL.replace(old, new))] == [True]


def test_other_words_are_no_difference():
    korean = SMALL.replace("all of it", "전부").replace("there", "저기").replace("a page", "쪽")
    korean = korean.replace("## Two", "## 둘").replace("(#two)", "(#둘)")
    assert not differences(SMALL, korean)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page):
    for link in (link for section in markdown.read(page) for link in section.links()):
        path, _, heading = link.partition("#")
        if "://" in link:
            continue
        there = page.parent / path if path else page
        assert there.is_file(), f"{page.name}: no file {link}"
        places = (
            {markdown.anchor(section.title) for section in markdown.read(there)} if heading else ()
        )
        assert not heading or heading in places, f"{page.name}: no heading for {link}"


def test_make_has_every_target_named():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([\w-]+):", makefile, re.MULTILINE))
    named = {name for line in [*COMMANDS, *CODE] for name in re.findall(r"^make ([a-z-]+)", line)}
    assert {"run", "test"} <= named <= targets, sorted(named - targets)


def test_every_module_named_is_there():
    named = set(re.findall(r"python -m ([\w.]+)", "\n".join([*COMMANDS, *CODE])))
    assert named and not [name for name in named if not importlib.util.find_spec(name)]


def value(key: str):
    """The value of a key of params.yaml, such as `gender.clean.classes`.

    Without a task, as in `train.label_errors`, that of keypoints, whose keys gender has too.

    Raises:
        KeyError: there is none.
    """
    first, *others = key.split(".")
    place = PARAMS[first] if first in PARAMS else PARAMS["keypoints"][first]
    for part in others:
        place = place[part]
    return place


def keys_named() -> set[str]:
    """Params that commands set, or that stand in the text, alone or with a value."""
    named = set(re.findall(r"-S '?([\w.]+)=", "\n".join([*COMMANDS, *CODE])))
    for span in CODE:
        key = re.fullmatch(r"((?:\w+\.)*\w+)(: [\w-]+)?", span)
        if key and (key[2] or key[1].split(".")[0] in PARAMS):
            named.add(key[1])
    return {key for key in named if not key.endswith((".json", ".keras"))}


def test_every_param_named_is_in_params_yaml():
    named = keys_named()
    assert {"lr", "gender.label_errors.folds", "train.label_errors"} <= named
    for key in named - TO_ADD:
        try:
            value(key)
        except (KeyError, TypeError):
            pytest.fail(f"a page names {key}, which is not in params.yaml")


def test_defaults_in_the_table_are_those_of_params_yaml():
    section = next(s for s in README if s.title == "Params")
    rows = [line.split("|")[1:3] for line in section.text.splitlines() if line.startswith("| `")]
    assert len(rows) > 5
    for names, shown in rows:
        keys = re.findall(r"`([^`]+)`", names)
        keys = [keys[0].split(".")[0] + k if k.startswith(".") else k for k in keys]
        shown = [text.strip(" `") for text in shown.split(",")]
        shown = shown * len(keys) if len(shown) == 1 else shown
        for key, text in zip(keys, shown, strict=True):
            assert text == str(value(key)), f"README.md says {key} is {text}, not {value(key)}"


def outputs() -> list[str]:
    """Paths that stages write, with a name for each task."""
    text = (ROOT / "dvc.yaml").read_text(encoding="utf-8")
    found = set()
    for task in ("keypoints", "gender"):
        content = yaml.safe_load(re.sub(r"\$\{(item|key)[.\w]*\}", task, text))
        for stage in content["stages"].values():
            stage = stage.get("do", stage)
            for kind in ("outs", "metrics", "plots"):
                found |= {next(iter(o)) if isinstance(o, dict) else o for o in stage.get(kind, [])}
    return sorted(found)


def is_there(path: str) -> bool:
    """Whether the repository has this path, or a run writes it. `*` stands for a task or so."""
    if path in WRITTEN or any(ROOT.glob(path)):
        return True
    parts = path.rstrip("/").split("/")
    for out in outputs():
        both = list(zip(parts, out.split("/"), strict=False))
        if all(fnmatch(theirs, ours) for ours, theirs in both):
            return True
    return False


FOLDERS = r"(?:bench|data|docs|faces|metrics|notebooks|stages|tests|tools)/[\w./*-]*"


def test_every_file_named_is_there_or_written_by_a_stage():
    named = {span for span in CODE if re.fullmatch(FOLDERS, span)}
    named |= {p for line in COMMANDS for p in re.findall(rf"(?<!\S){FOLDERS}", line)}
    assert len(named) > 20
    assert not [path for path in sorted(named - TO_ADD) if not is_there(path)]
    assert not is_there("metrics/nothing.json") and not is_there("stages/nothing.py")


def test_the_tree_names_what_there_is():
    tree = next(s for s in README if s.title == "The tree")
    folders = [ROOT / name for name in ("stages", "faces", "tests")]
    parts = {path.name for folder in folders for path in folder.rglob("*")}
    parts |= {path.name for path in ROOT.iterdir()}
    for name in tree.files():
        known = name.rstrip("/") in parts or is_there(name) or is_there(f"data/{name}")
        assert known or is_there(f"metrics/{name}") or name == "...", f"the tree names {name}"


def test_the_tree_has_a_line_for_each_package_of_the_library():
    tree = next(s for s in README if s.title == "The tree")
    packages = {path.parent.name for path in (ROOT / "faces").glob("*/__init__.py")}
    assert packages and packages <= {name.rstrip("/") for name in tree.files()}
