"""The server: which address answers with what."""

from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect

from faces.app import label, uploads
from faces.app.book import Book
from faces.app.guard import HOSTS, Guard
from faces.app.language import HERE, page
from faces.app.refusal import Refusal
from faces.app.uploads import Upload, read_frame, read_uploads
from faces.app.worker import Answers

LIMITS = {
    "photos": uploads.MOST_PHOTOS,
    "megabytes": uploads.LARGEST_PHOTO // 10**6,
}
Session = Annotated[str, Query(pattern=r"^[\w-]{8,64}$")]
# FastAPI can report requests to a server that environment variables name.
SILENT = {"auto_configure": False, "tracing": False, "metrics": False, "logs": False}


def build(answers: Answers, book: Book | None = None) -> FastAPI:
    """The app: the page of faces, and that of labels if there is a book to fill."""

    @asynccontextmanager
    async def life(_: FastAPI):
        answers.start()
        yield
        answers.stop()

    # FastAPI's own pages of documentation fetch scripts from the net.
    closed = {"docs_url": None, "redoc_url": None, "openapi_url": None}
    app = FastAPI(lifespan=life, telemetry=SILENT, **closed)
    app.add_middleware(Guard)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=HOSTS, www_redirect=False)
    app.add_exception_handler(Refusal, refused)
    app.add_exception_handler(RequestValidationError, not_understood)
    app.add_exception_handler(ClientDisconnect, gone)
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    app.include_router(label.routes(answers, book))

    @app.get("/")
    def faces_page(request: Request):
        return page(request, "faces.html", limits=LIMITS)

    @app.get("/ready")
    async def ready():
        return {"classes": await answers.classes()}

    @app.post("/predict")
    async def predict(request: Request, preview: bool = False):
        photos = await read_uploads(request)
        return [await entry_of(photo, answers, preview) for photo in photos]

    @app.post("/live")
    async def live(request: Request, session: Session):
        return await answers.frame(session, await read_frame(request))

    return app


async def entry_of(photo: Upload, answers: Answers, preview: bool) -> dict:
    """A photo's entry of the answer; its bytes are let go."""
    if photo.too_large:
        fault = f"a file of over {LIMITS['megabytes']} MB"
        return {"path": photo.name, "error": fault, "faces": []}
    data, photo.data = bytes(photo.data), bytearray()
    return await answers.entry(photo.name, data, preview)


def refused(_: Request, refusal: Refusal) -> JSONResponse:
    return JSONResponse(refusal.content(), refusal.status)


def not_understood(_: Request, error: RequestValidationError) -> JSONResponse:
    wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    refusal = Refusal(422, "not_understood", "a request of the page", wrong, "Reload the page.")
    return JSONResponse(refusal.content(), refusal.status)


def gone(_: Request, __: ClientDisconnect) -> Response:
    return Response(status_code=400)  # nobody is there to read it
