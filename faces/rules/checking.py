"""Whether params.yaml can be used: every key there, none else, every value one that fits."""

import difflib
from collections.abc import Iterable

from faces.core.errors import UserError
from faces.core.params import OTHER, SAMPLE, for_source, plain
from faces.rules.keys import MOVED, RULES

UNKNOWN = "an unknown key"


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
            yield f"{prefix}{name}", f"a key that exists ({instead(name, prefix, rule)})", UNKNOWN
    for name, inner in rule.items():
        if name not in value:
            yield f"{prefix}{name}", "a value", "nothing"
        else:
            yield from _problems(value[name], inner, f"{prefix}{name}")


def instead(name: str, prefix: str, rule: dict) -> str:
    """The key that may be meant by one that is not there."""
    if prefix and name in MOVED:
        return f"{prefix}{MOVED[name]}"
    near = difflib.get_close_matches(str(name), list(rule), 1)
    return f"{prefix}{near[0]}" if near else "one of " + ", ".join(rule)


def check(params: dict) -> dict:
    """The same params, or a `UserError` that names the first key whose value cannot be used."""
    for source in (SAMPLE, OTHER):
        understood = plain(for_source(plain(params), source))
        for key, expected, received in _problems(understood, RULES, ""):
            where = f" for {key}" if key else ""
            todo = "Correct it and run again."
            raise UserError(f"{expected}{where} in params.yaml", received, todo)
    return params
