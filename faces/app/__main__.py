"""The web page: `python -m faces.app`, and with `--label FOLDER` the page to label photos."""

import argparse
import errno
import os
import socket
import sys
from pathlib import Path

import uvicorn

from faces.app.book import Book
from faces.app.server import build
from faces.app.worker import Answers
from faces.core import command, errors, params, running
from faces.core.errors import UserError
from faces.core.paths import MODELS
from faces.detection.models import load_models

HOST = "127.0.0.1"  # no other machine can reach it
KEYS = ["gender.clean"]


def main() -> None:
    arguments = parse(sys.argv[1:])
    book = open_book(arguments.label, arguments.labels) if arguments.label is not None else None
    app = build(Answers(lambda: load_models(MODELS)), book)
    with bound(arguments.port) as listening:
        print(greeting(listening.getsockname()[1], book), flush=True)
        serve(app, listening)


def parse(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = command.Parser(prog="python -m faces.app", description=__doc__)
    parser.add_argument("--port", default="8000", metavar="N", help="0: any that is free")
    parser.add_argument("--label", metavar="FOLDER", help="photos to label")
    parser.add_argument("--labels", metavar="FILE", help="default: labels.csv in that folder")
    return parser.read(words)


def open_book(folder: str, table: str | None) -> Book:
    """The book of a folder of photos, with the classes of params.yaml."""
    if not folder.strip():
        todo = "Name the folder of your photos: make label PHOTOS=folder"
        raise UserError("a folder of photos", "no PHOTOS", todo)
    photos = Path(folder).expanduser()
    path = Path(table).expanduser() if table else photos / "labels.csv"
    classes = params.by_class(params.load(*KEYS)["clean"]["classes"])
    return Book(photos, path, classes)


def bound(port: str) -> socket.socket:
    """A socket that listens on this machine alone.

    Raises:
        UserError: the port is no number, in use, or not for us.
    """
    todo = "Choose another, as in: make app PORT=8001"
    if not port.isdecimal() or int(port) > 65535:
        raise UserError("a port from 0 to 65535", port, todo)
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, int(port)))
        listening.listen()
    except OSError as error:
        listening.close()
        busy = error.errno == errno.EADDRINUSE
        received = f"{port}, which another program uses" if busy else f"{port}: {error.strerror}"
        raise UserError("a free port", received, todo) from error
    return listening


def greeting(port: int, book: Book | None) -> str:
    """Say what to open, and how to end it."""
    address = f"http://{HOST}:{port}"
    if book is None:
        return f"Open {address} in a browser. Ctrl-C ends it."
    left_out = f" {book.left_out} have names that labels.csv cannot hold." if book.left_out else ""
    if book.unread:
        left_out += f" Not read: {errors.plain(', '.join(book.unread[:5]))}"
        left_out += f" and {len(book.unread) - 5} more." if len(book.unread) > 5 else "."
    state = book.state()
    return (
        f"{state['total']} photos, {state['labelled']} of them labelled.{left_out}\n"
        f"Open {address}/label in a browser. Ctrl-C ends it; what was said is kept."
    )


def serve(app, listening: socket.socket) -> None:
    """Answer until Ctrl-C."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,  # names of photos are nobody's business
        server_header=False,
        ws="none",
        timeout_graceful_shutdown=2,
    )
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        os.write(sys.stdout.fileno(), b"\n")


if __name__ == "__main__":
    running.run(main, timed=False)
