"""A local stand-in for Kaggle's server, which the unmodified client is pointed at.

The client has no setting for another address: it is told to use `localhost`, with this server as
its proxy, so that every request arrives here with its whole address.
"""

import json
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMPETITION = "competitions.CompetitionApiService/DownloadDataFiles"
DATASET = "datasets.DatasetApiService/DownloadDataset"
START = "competitions.CompetitionApiService/StartSubmissionUpload"
CREATE = "competitions.CompetitionApiService/CreateSubmission"
LIST = "competitions.CompetitionApiService/ListSubmissions"
UPLOAD = "upload/submission"
PUSH = "kernels.KernelsApiService/SaveKernel"
KERNEL = "kernels.KernelsApiService/GetKernel"
STATUS = "kernels.KernelsApiService/GetKernelSessionStatus"
OUTPUTS = "kernels.KernelsApiService/ListKernelSessionOutput"
QUOTA = "kernels.KernelsApiService/GetAcceleratorQuotaStatistics"
TOKEN = "security.OAuthService/IntrospectToken"
NEXT = "next-case"
USER, KEY = "somebody-of-the-tests", "0123456789abcdef-no-real-key"


@dataclass
class Answer:
    """One answer.

    `cut` ends the connection there, and leaves out how long the body is, unless the headers say
    it; `reset`: as when a cable is pulled. `ranges`: a part is sent if a part is asked for.
    `silent`: nothing is ever said, and the client has to hang up; `late`: seconds before an answer.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    reset: bool = False
    ranges: bool = False
    silent: bool = False
    late: float = 0


def error(status: int, http_status: int | None = None, says: str = "", **headers) -> Answer:
    """Kaggle's JSON for an error; `http_status` where the answer's own status is another."""
    message = says or f"an error, {status}"
    body = json.dumps({"code": status, "message": message}).encode()
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(http_status or status, body, {"Content-Type": "application/json", **headers})


def answer(**content) -> Answer:
    return Answer(200, json.dumps(content).encode(), {"Content-Type": "application/json"})


def under_way(status: str, why: str = "") -> Answer:
    """What Kaggle says of a kernel's last run: QUEUED, RUNNING, COMPLETE, ERROR ..."""
    return answer(status=status, failureMessage=why)


def gpu_hours(used: float, allowed: float) -> Answer:
    hours = {"timeUsed": f"{used * 3600:.0f}s", "totalTimeAllowed": f"{allowed * 3600:.0f}s"}
    return answer(gpuQuota=hours, quotaRefreshTime="2026-01-03T00:00:00.000Z")


def log_stream(*lines: str) -> Answer:
    """The log of a run under way, as events; the last one says that it has ended."""
    events = [json.dumps({"stream_name": "stdout", "time": 1, "data": line}) for line in lines]
    body = "".join(f"data: {event}\n\n" for event in [*events, "END_OF_LOG"])
    return Answer(200, body.encode(), {"Content-Type": "text/event-stream"})


def redirect(path: str) -> Answer:
    return Answer(302, b"", {"Location": f"http://localhost/{path}"})


def archive(data: bytes, cut: int | None = None) -> Answer:
    return Answer(200, data, {"Content-Type": "application/zip"}, cut)


def broken(data: bytes, at: float = 0.5, ranges: bool = False, reset: bool = False) -> Answer:
    """A part of what its headers promise: bytes, or the share `at` of them."""
    headers = {"Content-Type": "application/zip", "Content-Length": str(len(data))}
    if ranges:
        headers |= {"Accept-Ranges": "bytes", "ETag": '"one"'}
    return Answer(200, data, headers, int(at * len(data)), reset, ranges)


def resumable(data: bytes) -> Answer:
    """All of it, or the part that is asked for."""
    headers = {"Content-Type": "application/zip", "Accept-Ranges": "bytes", "ETag": '"one"'}
    return Answer(200, data, headers, ranges=True)


def page() -> Answer:
    return Answer(200, b"<html>Sign in first</html>", {"Content-Type": "text/html"})


class Handler(BaseHTTPRequestHandler):
    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        server, path = self.server, self.path.split("?")[0]
        if path.endswith(NEXT):
            server.case += 1
            script = server.scripts[min(server.case, len(server.scripts) - 1)]
            silent = any(given.silent for answers in script.values() for given in answers)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"silent" if silent else b"")
            return
        with server.lock:
            script = server.scripts[min(max(server.case, 0), len(server.scripts) - 1)]
            end = next((e for e in script if path.endswith(e)), None)
            server.seen.append(end or self.path)
            server.bodies.append((end, body, dict(self.headers)))
            answers = script.get(end, [Answer(404)])
            given = answers.pop(0) if len(answers) > 1 else answers[0]
        self.send(given)

    def send(self, given: Answer) -> None:
        if given.silent:
            self.connection.recv(1)  # nothing comes but the end
            self.close_connection = True
            return
        time.sleep(given.late)
        status, headers, first = given.status, dict(given.headers), 0
        asked = self.headers.get("Range", "")
        if given.ranges and asked.startswith("bytes="):
            first = int(asked[len("bytes=") :].rstrip("-"))
            status, last = 206, len(given.body) - 1
            headers["Content-Range"] = f"bytes {first}-{last}/{len(given.body)}"
            headers.pop("Content-Length", None)
        self.send_response(status)
        if given.cut is None or first:
            headers.setdefault("Content-Length", str(len(given.body) - first))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(given.body[first : given.cut])
        if given.reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()

    do_POST = do_GET = do_PUT = answer  # noqa: N815

    def log_message(self, *args) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address) -> None:
        """Clients that go away are what these tests are about."""


@contextmanager
def serving(*scripts: dict[str, list[Answer]]) -> Iterator[ThreadingHTTPServer]:
    """The server, running, with what it was asked for in `seen` and `bodies`.

    Args:
        scripts: by the end of the address, the answers in their order; the last one stays. Of
            several, a request for `next-case` takes up the next, as long as there is one.
    """
    server = Server(("127.0.0.1", 0), Handler)
    server.scripts, server.case = scripts, -1
    server.seen, server.bodies, server.lock = [], [], threading.Lock()
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
