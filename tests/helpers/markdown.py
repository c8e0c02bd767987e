"""A README taken apart: sections, commands, code, figures, links."""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FILE = re.compile(r"[\w.*-]+(?:/|\.\w+)", re.ASCII)


@dataclass
class Section:
    """A heading, and what stands below it until the next one."""

    level: int
    title: str
    text: str = ""
    blocks: list[tuple[str, str]] = field(default_factory=list)  # language, code

    def commands(self) -> list[str]:
        """Lines of the shell, without comments."""
        lines = [line for kind, code in self.blocks if kind == "bash" for line in code.splitlines()]
        return [re.sub(r"\s+# .*$", "", line).rstrip() for line in lines]

    def files(self) -> list[str]:
        """Files that blocks without a language name, such as a tree."""
        return [name for kind, code in self.blocks if not kind for name in FILE.findall(code)]

    def code(self) -> list[str]:
        trees = [code for kind, code in self.blocks if not kind]
        return re.findall(r"`([^`\n]+)`", "\n".join([self.text, *trees]))

    def links(self) -> list[str]:
        return LINK.findall(self.text)

    def figures(self) -> list[str]:
        return FIGURE.findall(self.text)

    def cells(self) -> list[int]:
        """How many cells each row of a table has."""
        return [line.count("|") for line in self.text.splitlines() if line.startswith("|")]


def sections(text: str) -> list[Section]:
    r"""The sections of a file; code that stands in blocks is in no section's text.

    >>> [(s.level, s.title, s.text) for s in sections("# A\n\none\n\n## B\n\ntwo\n")]
    [(1, 'A', 'one'), (2, 'B', 'two')]
    """
    blocks = FENCE.findall(text)
    plain = FENCE.sub("\f", text).split("\n")  # splitlines() would split at \f too
    found, waiting = [], iter(blocks)
    for line in plain:
        if heading := re.match(r"(#+) (.+)", line):
            found.append(Section(len(heading[1]), heading[2]))
        elif line == "\f":
            found[-1].blocks.append(next(waiting))
        elif found:
            found[-1].text = f"{found[-1].text}\n{line}".strip()
    return found


def anchor(title: str) -> str:
    """What GitHub makes of a heading, for links to it.

    >>> anchor("Killed? It goes on"), anchor("내 데이터 쓰기")
    ('killed-it-goes-on', '내-데이터-쓰기')
    """
    return re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-")


def placed(link: str, all_sections: list[Section]) -> str:
    """A link to a heading as one to the heading's place, whatever language it is in."""
    if not link.startswith("#"):
        return link
    places = [anchor(s.title) for s in all_sections]
    return f"#{places.index(link[1:])}" if link[1:] in places else f"{link} (no such heading)"


def read(path: Path) -> list[Section]:
    return sections(path.read_text(encoding="utf-8"))


def only(one: list, other: list) -> list:
    """What the first has more often than the second."""
    return sorted((Counter(one) - Counter(other)).elements())
