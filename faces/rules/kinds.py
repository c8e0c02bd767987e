"""Kinds of values: each a function that says what was expected, or nothing where a value fits."""

import math
from collections.abc import Callable

from faces.core.params import entries, normal

Rule = Callable[[object], str | None]  # None, or what was expected


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


def class_names(value) -> str | None:
    expected = "two or more class names (a/b/c, a list, or each with a list of other names)"
    if not isinstance(value, (dict, list, str)):
        return expected
    found = list(value.items()) if isinstance(value, dict) else entries(value)
    if isinstance(value, dict):
        if not all(isinstance(more, list) for _, more in found):
            return expected
        found = [[name, *more] for name, more in found]
    names = [name for entry in found for name in entry]
    if len(found) < 2 or not all(isinstance(name, str) and name.strip() for name in names):
        return expected
    spellings = [name for entry in found for name in {normal(n) for n in entry}]
    return None if len(set(spellings)) == len(spellings) else "no name under two classes"


def no_folds_or_several(value) -> str | None:
    fits = type(value) is int and (value == 0 or 2 <= value <= 20)
    return None if fits else "0 (none), or 2 to 20"


def engine(value) -> str | None:
    """`local`, or where a cluster's head listens: the port is what follows the last colon."""
    host, _, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    fits = value == "local" or (host.strip() and port.isdecimal() and 0 < int(port) < 2**16)
    return None if fits else "local, or HOST:PORT of a Ray cluster's head"
