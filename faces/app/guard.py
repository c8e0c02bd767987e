"""Who may ask: this machine's own browser, on the page's own behalf; and what browsers may do."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from faces.app.refusal import Refusal

HOSTS = ["127.0.0.1", "localhost"]  # another name that leads here is another site's trick
READING = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    # Nothing from elsewhere, nothing to elsewhere, in nobody's frame.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; connect-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",  # a browser keeps its cache on the disk
}


class Guard:
    """Refuses what another site's page sends, and adds `HEADERS` to every answer."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if scope["method"] in READING or is_own(Headers(scope=scope), scope["scheme"]):
            await self.app(scope, receive, send_guarded)
            return
        todo = "Use the page that this server shows, or a program."
        refusal = Refusal(403, "foreign", "a request of this page", "another site's", todo)
        response = JSONResponse(refusal.content(), refusal.status)
        await response(scope, receive, send_guarded)


def is_own(headers: Headers, scheme: str) -> bool:
    """Whether a request comes from our own page or from a program, which names no origin.

    >>> is_own(Headers({"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:8000"}), "http")
    True
    >>> is_own(Headers({"host": "127.0.0.1:8000", "origin": "https://example.com"}), "http")
    False
    """
    origin = headers.get("origin")
    if origin is not None and origin != f"{scheme}://{headers.get('host')}":
        return False
    return headers.get("sec-fetch-site", "none") in ("same-origin", "none")
