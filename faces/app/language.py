"""The languages of the pages: which one a browser wants; texts.json, and faults.json for faults."""

import json
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

HERE = Path(__file__).parent
TEXTS, FAULTS = (
    json.loads((HERE / name).read_text(encoding="utf-8")) for name in ("texts.json", "faults.json")
)
COOKIE = "faces-language"
PAGES = Environment(
    loader=FileSystemLoader(HERE / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(request: Request, name: str, **values) -> HTMLResponse:
    """A page in the language of its reader.

    Args:
        values: for the page's script; it finds them as JSON.
    """
    spoken = choose(
        request.query_params.get("lang"),
        request.cookies.get(COOKIE),
        request.headers.get("accept-language", ""),
    )
    data = {"texts": TEXTS, "faults": FAULTS, "cookie": COOKIE, **values}
    html = PAGES.get_template(name).render(
        language=spoken, languages=list(TEXTS), t=TEXTS[spoken], data=data
    )
    return HTMLResponse(html)


def choose(asked: str | None, kept: str | None, accepted: str) -> str:
    """The language asked for, or else the one chosen earlier, or else the browser's; English.

    Args:
        accepted: the header Accept-Language.

    >>> choose(None, None, "fr, ko-KR;q=0.9, en;q=0.8")
    'ko'
    """
    for name in (asked, kept, *by_preference(accepted)):
        if name in TEXTS:
            return name
    return "en"


def by_preference(accepted: str) -> list[str]:
    """The languages of an Accept-Language header, without their countries, the best first.

    >>> by_preference("en;q=0.5, ko-KR, de;q=0")
    ['ko', 'en']
    """
    weighted = []
    for part in accepted.split(","):
        name, _, weight = part.strip().partition(";q=")
        try:
            share = float(weight or 1)
        except ValueError:
            continue
        if name and share > 0:
            weighted.append((share, name.split("-")[0].lower()))
    return [name for _, name in sorted(weighted, key=lambda pair: -pair[0])]
