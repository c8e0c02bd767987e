"""Train a network on a node of a cluster, in a process of its own."""

import importlib

from faces.core import engine, files, paths
from faces.training import checkpoints, elsewhere, ensemble, hardware


def train(data: tuple[dict, dict | None], job: dict) -> bytes:
    """Train what `elsewhere.described` says; the content of the file that is left of it.

    That file lies in .cache/ of the node's own repository meanwhile: a training that was begun
    there goes on, on whichever node, where .cache is a folder that the nodes share.

    Raises:
        UserError: this node would give other bytes than the machine that asks. Or the training
            ends in no number.
    """
    hardware.prepare(job["device"], job["precision"], job["seed"], job["deterministic"])
    network, settings = importlib.import_module(job["network"]), job["settings"]
    name = ensemble.key(network, settings, *data, job["seed"])
    if name != job["name"]:
        engine.refuse_unlike(elsewhere.origin(), job["origin"])
        raise engine.unlike("other data or settings")
    if job["member"]:
        folder = files.repository() / paths.MEMBERS
        ensemble.train_members(network, {**settings, "members": 1}, *data, job["seed"], folder)
        return (folder / f"{name}.npz").read_bytes()
    path = files.repository() / paths.FOLDS / f"{name}.npz"
    ensemble.start_afresh(job["seed"])
    ensemble.trained(network, settings, *data, job["seed"], path)
    content = path.read_bytes()
    checkpoints.remove(path)
    return content
