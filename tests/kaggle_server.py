"""A local stand-in for Kaggle's server, which the unmodified client is pointed at.

The client has no setting for another address: it is told to use `localhost`, with this server as
its proxy, so that every request arrives here with its whole address.
"""

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMPETITION = "competitions.CompetitionApiService/DownloadDataFiles"
DATASET = "datasets.DatasetApiService/DownloadDataset"
TOKEN = "security.OAuthService/IntrospectToken"
USER, KEY = "somebody-of-the-tests", "0123456789abcdef-no-real-key"


@dataclass
class Answer:
    """One answer; `cut` ends the connection there, and leaves out how long the body is, unless
    the headers say it."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


def error(status: int, http_status: int | None = None) -> Answer:
    """Kaggle's JSON for an error; `http_status` where the answer's own status is another."""
    body = json.dumps({"code": status, "message": f"an error, {status}"}).encode()
    return Answer(http_status or status, body, {"Content-Type": "application/json"})


def answer(**content) -> Answer:
    return Answer(200, json.dumps(content).encode(), {"Content-Type": "application/json"})


def redirect(path: str) -> Answer:
    return Answer(302, b"", {"Location": f"http://localhost/{path}"})


def archive(data: bytes, cut: int | None = None) -> Answer:
    return Answer(200, data, {"Content-Type": "application/zip"}, cut)


def broken(data: bytes) -> Answer:
    """Half of what its headers promise."""
    headers = {"Content-Type": "application/zip", "Content-Length": str(len(data))}
    return Answer(200, data, headers, cut=len(data) // 2)


def page() -> Answer:
    return Answer(200, b"<html>Sign in first</html>", {"Content-Type": "text/html"})


class Handler(BaseHTTPRequestHandler):
    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server = self.server
        end = next((e for e in server.script if self.path.split("?")[0].endswith(e)), None)
        server.seen.append(end or self.path)
        with server.lock:
            answers = server.script.get(end, [Answer(404)])
            given = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send_response(given.status)
        for name, value in given.headers.items():
            self.send_header(name, value)
        if given.cut is None:
            self.send_header("Content-Length", str(len(given.body)))
        self.end_headers()
        self.wfile.write(given.body[: given.cut])

    do_POST = do_GET = answer  # noqa: N815

    def log_message(self, *args) -> None:
        pass


@contextmanager
def serving(script: dict[str, list[Answer]]) -> Iterator[ThreadingHTTPServer]:
    """The server, running, with what it was asked for in `seen`.

    Args:
        script: by the end of the address, the answers in their order; the last one stays.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.script, server.seen, server.lock = script, [], threading.Lock()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def environment(home: Path, port: int | None = None) -> dict[str, str]:
    """Variables for a process whose client talks to this server, with credentials; without a
    port, one that finds no credentials and no server."""
    left_out = ("KAGGLE", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "XDG_CONFIG")
    variables = {k: v for k, v in os.environ.items() if not k.upper().startswith(left_out)}
    proxy = f"http://127.0.0.1:{port or 9}"
    variables |= {"HOME": str(home), "KAGGLE_API_ENVIRONMENT": "LOCALHOST"}
    variables |= {"HTTP_PROXY": proxy, "HTTPS_PROXY": proxy, "http_proxy": proxy}
    if port:
        variables |= {"KAGGLE_USERNAME": USER, "KAGGLE_KEY": KEY}
    return variables
