"""The process in which PyTorch trains the same network."""

import importlib.util
import subprocess
import sys

from stages import threads
from stages.errors import UserError
from stages.training import device


class Twin:
    """The same network in PyTorch, waiting in a process of its own for its turn; or none."""

    def __init__(self, task: str, settings: dict, arrays: dict):
        """Args: the task, its section of params.yaml, the rows to make as many steps with."""
        rows, side = arrays["image"].shape[:2]
        wanted = {
            "width": settings["width"],
            "depth": settings["depth"],
            "outputs": arrays["target"].shape[1],
            "side": side,
            "batch": settings["batch_size"],
            "steps": rows // settings["batch_size"],
            "threads": threads.cores(),
            "device": "cuda" if gpu_is_used(settings["device"]) else "cpu",
        }
        self.words = [word for name, value in wanted.items() for word in (f"--{name}", str(value))]
        self.words = [sys.executable, "-m", "bench.torch_twin", task, *self.words]
        self.process = None

    def __enter__(self):
        if importlib.util.find_spec("torch"):
            pipe = subprocess.PIPE
            self.process = subprocess.Popen(self.words, stdin=pipe, stdout=pipe, text=True)
            if self.process.stdout.readline() != "ready\n":
                todo = "See above, or `pip uninstall torch` to do without."
                raise UserError("PyTorch to train the same network", "an error of its own", todo)
        return self

    def seconds(self) -> float | None:
        """Of its steps, done now; None without PyTorch."""
        if not self.process:
            return None
        print("go", file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.communicate()


def gpu_is_used(wanted: str) -> bool:
    """Whether our own training is on a GPU."""
    return wanted != "cpu" and bool(device.visible_gpus())
