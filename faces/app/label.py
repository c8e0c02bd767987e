"""The routes of labelling: what the page /label asks."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from faces.app.book import Book
from faces.app.keys import SKIP, UNDO, keys_for
from faces.app.language import page
from faces.app.pictures import jpeg
from faces.app.refusal import Refusal
from faces.app.worker import Answers
from faces.data.photos import PhotoFault, read_photo


class Said(BaseModel):
    """An answer: the photo's name, and its class or None to skip it."""

    file: str
    label: str | None


def routes(answers: Answers, book: Book | None) -> APIRouter:
    """The page and its requests; without a book, a page that says how to get one."""
    router = APIRouter()

    def opened() -> Book:
        if book is None:
            todo = "Start it with `make label PHOTOS=folder`."
            raise Refusal(404, "no_folder", "a folder of photos to label", "none", todo)
        return book

    @router.get("/label")
    def label_page(request: Request):
        if book is None:
            return page(request, "label.html", classes=None)
        keys = zip(book.classes, keys_for(book.classes), strict=True)
        classes = [{"name": name, "keys": own} for name, own in keys]
        values = {"classes": classes, "table": str(book.table), "skip": SKIP, "undo": UNDO}
        return page(request, "label.html", **values)

    @router.get("/label/state")
    def state():
        return opened().state()

    @router.post("/label/answer")
    def answer(said: Said):
        return opened().answer(said.file, said.label)

    @router.post("/label/undo")
    def undo():
        return opened().undo()

    @router.post("/label/again")
    def again():
        return opened().again()

    @router.get("/label/photo")
    def photo(file: str):
        try:
            content = jpeg(read_photo(opened().content(file), name=file))
        except PhotoFault as fault:
            todo = "Skip it, or put another file in its place."
            refused = (415, "unreadable", "a photo that can be read", str(fault), todo)
            raise Refusal(*refused, fault=str(fault)) from fault
        return Response(content, media_type="image/jpeg")

    @router.get("/label/hint")
    async def hint(file: str):
        return await hint_for(file, answers, opened())

    return router


async def hint_for(file: str, answers: Answers, book: Book) -> dict:
    """Ask the present model which class a photo has.

    Returns:
        `hint`: {"label", "probability"}; or None and `why`: no_models, other_classes, no_face.
    """
    try:
        known = await answers.classes()
        if set(known) != set(book.classes):
            return {"hint": None, "why": "other_classes"}
        data = await run_in_threadpool(book.content, file)
        faces = (await answers.entry(file, data))["faces"]
    except PhotoFault:
        return {"hint": None, "why": "no_face"}
    except Refusal as refusal:
        if refusal.code != "no_models":
            raise
        return {"hint": None, "why": refusal.code}
    return {"hint": faces[0]["gender"]} if faces else {"hint": None, "why": "no_face"}
