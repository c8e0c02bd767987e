"""From values to the page: Jinja's template, with every text escaped."""

import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

TEMPLATE = Path(__file__).with_name("page.html")


def flat(params: dict, prefix: str = "") -> dict:
    """Values by their keys as in dvc.yaml.

    >>> flat({"seed": 1, "kaggle": {"dataset": "a/b"}})
    {'seed': 1, 'kaggle.dataset': 'a/b'}
    """
    rows = {}
    for key, value in params.items():
        if isinstance(value, dict):
            rows.update(flat(value, f"{prefix}{key}."))
        else:
            rows[f"{prefix}{key}"] = value
    return rows


def words(value) -> str:
    """A value of params.yaml, as it is written there.

    >>> words(True), words(["man", "men"])
    ('true', 'man, men')
    """
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def number(value: float | None, digits: int = 2) -> str:
    """A number, or words where there is none."""
    return "no rows" if value is None else f"{value:.{digits}f}"


def percent(value: float | None) -> str:
    """A share from 0 to 1 as percent, or words where there is none."""
    return "no photos" if value is None else f"{value:.1%}"


def placed(value: float) -> str:
    """A coordinate from the centre of the first pixel as one from its edge, as SVG counts.

    >>> placed(0)
    '0.5'
    """
    return f"{value + 0.5:.1f}"


def breakable(text: str) -> Markup:
    """A name, escaped, that a narrow screen may break after a sign and not in a word.

    >>> breakable("a_b/<c>")
    Markup('a_<wbr>b/&lt;c&gt;')
    """
    return Markup("<wbr>").join(escape(part) for part in re.split(r"(?<=[/_.@])(?=\w)", str(text)))


def render(values: dict) -> str:
    """The page: HTML without any reference to another file but the times beside it."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters = (breakable, number, percent, placed, words)
    environment.filters.update({one.__name__: one for one in filters})
    return environment.get_template(TEMPLATE.name).render(values)
