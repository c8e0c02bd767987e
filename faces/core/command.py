"""Command lines: what they may hold, and one line for what they may not."""

import argparse
import difflib
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """Reads a command line; options may stand before, between and after other words.

    What cannot be read ends the program with one line on stderr and exit status 2.
    """

    def read(self, words: list[str]) -> argparse.Namespace:
        """The words' values, by their names."""
        known = [option for action in self._actions for option in action.option_strings]
        joined = {o for a in self._actions if a.nargs != 0 for o in a.option_strings if len(o) == 2}
        for word in before_dashes(words):
            name = word.partition("=")[0]
            option = word.startswith("-") and len(word) > 1 and not is_number(word)
            with_value = word[:2] in joined  # -Slr=1
            if option and not with_value and not any(one.startswith(name) for one in known):
                self.error(f"there is no {name}{instead(word, known)}")
        return self.parse_intermixed_args(words)

    def error(self, message: str) -> NoReturn:
        """End the program: one line, and where to look."""
        line = " ".join(message.split())
        self.exit(2, f"error: {line}. What there is: {self.prog} --help\n")


def before_dashes(words: list[str]) -> list[str]:
    """The words that may be options: none behind `--` is."""
    return words[: words.index("--")] if "--" in words else words


def is_number(word: str) -> bool:
    """Whether it is a value below 0, which looks like an option."""
    return re.fullmatch(r"-\d+(\.\d*)?", word) is not None


def instead(word: str, known: list[str]) -> str:
    """Guess what is meant by a word that is no option, as the end of a sentence."""
    if os.path.lexists(word):
        return f"; a file of that name is ./{word}"
    near = difflib.get_close_matches(word.partition("=")[0], known, 1)
    return f"; did you mean {near[0]}" if near else ""


def whole_number(low: int) -> Callable[[str], int]:
    """Reads a whole number that is not below `low`."""

    def read(word: str) -> int:
        if not re.fullmatch(r"[+-]?\d+", word) or int(word) < low:
            raise argparse.ArgumentTypeError(f"a whole number from {low} on, not {word!r}")
        return int(word)

    return read


def place(word: str) -> Path:
    """Reads the path of a file or folder to write to; `~` is the home folder."""
    if not word.strip():
        raise argparse.ArgumentTypeError("a path, not an empty word")
    return Path(at_home(word))


def at_home(word: str) -> str:
    """A path that begins with `~`, as a shell would have it where it is not quoted."""
    if not word.startswith("~") or os.path.lexists(word):
        return word
    try:
        return str(Path(word).expanduser())
    except RuntimeError:  # nobody of that name is known here
        return word
