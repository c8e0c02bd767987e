"""In place of Ray: pieces are computed in this process, the last one first, in a node's folder."""

import importlib
import os
import pickle
import sys
from pathlib import Path
from types import SimpleNamespace

from faces.core import engine


class StandIn:
    """A cluster of one node, which is this process.

    Attributes:
        folder: of the node. sent: function, number of bytes and `Wanted` of each piece.
    """

    def __init__(self, folder: Path):
        self.folder, self.sent = folder, []
        folder.mkdir(exist_ok=True)

    def spread(self, address, function, pieces, wanted):
        module, _, name = function.rpartition(".")
        there = getattr(importlib.import_module(module), name)
        pieces = list(pieces)
        for number, (shared, own) in reversed(list(enumerate(pieces))):
            self.sent.append((function, len(shared) + len(own), wanted))
            driver = Path.cwd()
            os.chdir(self.folder)
            engine.CHOSEN["engine"] = engine.LOCAL
            try:
                result = there(pickle.loads(shared), pickle.loads(own))
            finally:
                os.chdir(driver)
                engine.CHOSEN["engine"] = "node:1"
            yield number, pickle.loads(pickle.dumps(result))


def chosen(monkeypatch, folder: Path) -> StandIn:
    """Have `engine` be a stand-in whose node works in that folder."""
    node = StandIn(folder)
    module = SimpleNamespace(spread=node.spread)
    monkeypatch.setitem(sys.modules, "faces.core.cluster", module)
    monkeypatch.setattr("faces.core.cluster", module, raising=False)
    monkeypatch.setitem(engine.CHOSEN, "engine", "node:1")
    return node
