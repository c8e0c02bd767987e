"""Answer photos with the models, one photo at a time on one thread."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from faces.app.pictures import shown
from faces.app.refusal import Refusal
from faces.core.errors import UserError
from faces.data.photos import PhotoFault, read_photo
from faces.detection import finding
from faces.detection.models import Models
from faces.detection.tracking import Tracker
from faces.predict.batch import answered

MOST_LIVE = 4  # webcams that are followed at once; the one not heard of for longest is forgotten


class Answers:
    """The models, loaded once, and the only thread that asks them.

    Requests wait for their turn without stopping the server: between two photos of one, another
    gets its answer.
    """

    def __init__(self, load: Callable[[], Models]):
        self._load = load
        self._models: Models | None = None
        self._thread = ThreadPoolExecutor(1, "answers")
        self._live: OrderedDict[str, Tracker] = OrderedDict()

    def start(self) -> None:
        """Begin to load the models; if there are none yet, the next request tries again."""

        def attempt():
            with suppress(Refusal):
                self._loaded()

        self._thread.submit(attempt)

    def stop(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def classes(self) -> list[str]:
        """The classes that the models tell apart.

        Raises:
            Refusal: there are no models that can be used.
        """
        return (await self._on_thread(self._loaded)).classes

    async def entry(self, name: str, data: bytes, preview: bool = False) -> dict:
        """A photo's entry of predict's JSON, as `entry` gives it."""
        return await self._on_thread(lambda: entry(name, data, self._loaded(), preview))

    async def frame(self, session: str, data: bytes) -> dict:
        """What a webcam shows now: `width`, `height`, `error` (None or words), `faces`.

        Args:
            session: of the page, whose frames show the same faces. data: a picture's file.
        """
        return await self._on_thread(lambda: self._frame(session, data))

    def _frame(self, session: str, data: bytes) -> dict:
        tracker = self._live.pop(session, None) or Tracker(self._loaded())
        self._live[session] = tracker
        while len(self._live) > MOST_LIVE:
            self._live.popitem(last=False)
        try:
            photo = read_photo(data, name="frame")
        except PhotoFault as fault:
            return {"width": 0, "height": 0, "error": str(fault), "faces": []}
        faces, fault = answered(tracker.answer, photo, time.monotonic())
        return {"width": photo.width, "height": photo.height, "error": fault, "faces": faces}

    async def _on_thread(self, work: Callable):
        return await asyncio.wrap_future(self._thread.submit(work))

    def _loaded(self) -> Models:
        if self._models is None:
            try:
                self._models = self._load()
            except UserError as error:
                todo = "Run `make run`, then reload the page."
                expected = "trained models"
                raise Refusal(503, "no_models", expected, error.received, todo) from error
        return self._models


def entry(name: str, data: bytes, models: Models, preview: bool = False) -> dict:
    """A photo's entry of predict's JSON: `path`, `error` (None or words), `faces`.

    Args:
        preview: add `photo`, what to show below the faces, as `pictures.shown` gives it.
    """
    try:
        photo = read_photo(data, name=name)
    except PhotoFault as fault:
        return {"path": name, "error": str(fault), "faces": []}
    faces, fault = answered(finding.answer, photo, models)
    found = {"path": name, "error": fault, "faces": faces}
    return {**found, "photo": shown(photo)} if preview and not fault else found
