"""Say what work needs of a cluster's node, and whether a cluster listens at an address."""

import os
import socket
from dataclasses import dataclass, field

from faces.core.errors import UserError

PROBE = 5  # seconds until an address counts as dead
GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
SETTINGS = 4  # the kind of what a gRPC server, as Ray's head is, says first


@dataclass(frozen=True)
class Wanted:
    """What a piece of work needs of a node.

    Attributes:
        what: pieces are called, in the plural. threads: of the processor, that each piece takes.
        gpus: that each takes. fresh: whether each has a process of its own.
        environment: variables of that process.
    """

    what: str
    threads: int = 1
    gpus: int = 0
    fresh: bool = False
    environment: dict[str, str] = field(default_factory=dict)


def check(address: str) -> None:
    """Raise a `UserError` if no Ray listens at HOST:PORT; Ray itself would wait for ever."""
    expected = f"a Ray cluster at {address} (engine)"
    todo = "Start one (docs/cluster.md), or set engine: local."
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), PROBE) as line:
            if os.environ.get("RAY_USE_TLS", "0") == "1":
                return
            line.settimeout(PROBE)
            line.sendall(GREETING)
            said = line.recv(9)
    except OSError as error:
        raise UserError(expected, str(error), todo) from error
    if len(said) < 4 or said[3] != SETTINGS:
        raise UserError(expected, "something else that listens there", todo)
