"""The app with stand-ins for networks and the detector, asked in this process or by a browser."""

import threading
from contextlib import contextmanager

import pytest
import uvicorn
from starlette.testclient import TestClient

from faces.app.__main__ import bound
from faces.app.server import build
from faces.app.worker import Answers
from tests.conftest import encoded, photo
from tests.detection.conftest import dotted, poses_in, stand_ins
from tests.helpers.browser import PATIENCE, browser  # noqa: F401 (a fixture)
from tests.helpers.waiting import until

# Faces, (x, y of the eyes' middle, size), of photos of each size.
FACES = {
    (160, 120): [(80.0, 56.0, 30.0)],
    (200, 160): [(120.0, 80.0, 34.0)],
    (800, 500): [(150.0, 200.0, 100.0), (400.0, 200.0, 100.0), (680.0, 200.0, 100.0)],
}


def face_photo(size=(160, 120), kind="PNG", **options) -> bytes:
    """A photo in which the stand-ins find the faces of `FACES`."""
    return encoded(dotted(size, *FACES[size]), kind, **options)


def other_photo(size=(300, 200), kind="PNG") -> bytes:
    """A photo without a face."""
    return encoded(photo(1, size), kind)


class BySize:
    """A detector that knows where the faces are in photos of each size."""

    def poses(self, copy, _corners, scale):
        size = tuple(round(side / scale) for side in copy.shape[1::-1])
        faces = FACES.get(size, [])
        return poses_in([(x, y + 0.2 * side, 2 * side) for x, y, side in faces])


@pytest.fixture
def models():
    return stand_ins(BySize())


@pytest.fixture
def answers(models):
    return Answers(lambda: models)


@pytest.fixture
def client_of():
    """A client of an app, which asks as a program on this machine does."""
    opened = []

    def make(answers, book=None):
        client = TestClient(build(answers, book), base_url="http://127.0.0.1:8000")
        opened.append(client.__enter__())
        return client

    yield make
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def client(client_of, answers):
    return client_of(answers)


@contextmanager
def serving(app):
    """The address of an app that answers on a free port."""
    with bound("0") as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        until(lambda: server.started or not thread.is_alive(), "the server", pause=0.01)
        assert server.started
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def visit(browser):  # noqa: F811
    """Opens a page of an app; at the end nothing may have gone elsewhere or wrong."""
    contexts, addresses, faults = [], [], []

    def open_page(address: str, path: str = "/", **options):
        context = browser.new_context(**{"locale": "en-US", **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: addresses.append((address, request.url)))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    own = ("data:", "blob:")
    elsewhere = [url for base, url in addresses if not url.startswith((f"{base}/", *own))]
    assert not elsewhere and not faults
