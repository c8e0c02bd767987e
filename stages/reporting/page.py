"""From values to the page: Jinja's template, with every text escaped."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

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
    environment.filters.update(number=number, percent=percent, placed=placed, words=words)
    return environment.get_template(TEMPLATE.name).render(values)
