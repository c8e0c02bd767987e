"""A Ray cluster in a network of its own, in which nothing but itself can be reached.

Ray listens on every network of a machine, whatever it is told: here that is none.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

from tests.helpers.clone import IN_STAGES
from tests.helpers.processes import children, heed_interrupts
from tests.helpers.waiting import HANG, until

ROOT = Path(__file__).parents[2]
ALONE = ("unshare", "--map-root-user", "--net", "--pid", "--fork", "--mount-proc", "--kill-child")
INSIDE = ("nsenter", "--user", "--preserve-credentials", "--net", "--pid", "--mount")
ADDRESS = "127.0.0.1:6379"
MEMORY = str(100 * 2**20)  # bytes of each node's store


def why_not() -> str:
    """Why no cluster can be had here; empty where one can."""
    if find_spec("ray") is None:
        return "no Ray: pip install -c constraints.txt -r requirements-ray.txt"
    if not all(map(shutil.which, ("unshare", "nsenter", "ip"))):
        return "no unshare, nsenter or ip: util-linux and iproute2 have them"
    alone = subprocess.run([*ALONE, "ip", "link", "set", "lo", "up"], capture_output=True)
    return "" if alone.returncode == 0 else "no network of its own: unshare is refused here"


class Cluster:
    """A head without cores, whose folder is the driver's, and nodes.

    Args:
        room: in which each has a copy of the code: `head`, and the names of the nodes.

    Attributes:
        hold: a file; while it is there, a training stands still after each epoch that it has kept.
    """

    def __init__(self, room: Path):
        self.room, self.hold = room, room / "hold"
        # A socket's path may have 107 bytes.
        self.short = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))
        # It ends, and all inside with it, when nothing can be written to it any more.
        words = [*ALONE, "sh", "-c", "ip link set lo up && echo && exec cat"]
        self.keeper = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.keeper.stdout.readline()
        self.inside = [*INSIDE, "--target", str(children(self.keeper.pid)[0])]
        self.start("head", "--head", "--port=6379", f"--temp-dir={self.short}", cores=0)

    def close(self) -> None:
        """End all its processes."""
        self.keeper.kill()
        self.keeper.communicate()
        shutil.rmtree(self.short, ignore_errors=True)

    def folder(self, name: str) -> Path:
        """The copy of the code of a node, made when it is first asked for."""
        folder = self.room / name
        if not folder.exists():
            ignore = shutil.ignore_patterns("__pycache__")
            for part in ("faces", "stages", "tests/helpers"):
                shutil.copytree(ROOT / part, folder / part, ignore=ignore)
            text = (ROOT / "params.yaml").read_text(encoding="utf-8")
            text = text.replace("engine: local ", f"engine: {ADDRESS} ")
            (folder / "params.yaml").write_text(text, encoding="utf-8")
        return folder

    def begin(self, *words: str, folder: Path | None = None) -> subprocess.Popen:
        """Start a command in a folder, the head's if none, with nothing but the cluster around."""
        env = {k: v for k, v in os.environ.items() if not k.startswith("RAY_")}
        env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env["PATH"]])
        env |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_TMPDIR": str(self.short)}
        env |= {"RAY_worker_niceness": "0"}  # not 15: behind whatever else a busy machine does
        env |= {"PYTHONPATH": str(IN_STAGES), "HOLD": str(self.hold)}
        words = ["env", f"--chdir={folder or self.folder('head')}", *words]
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        output |= {"preexec_fn": heed_interrupts}
        return subprocess.Popen([*self.inside, *words], env=env, **output)

    def run(self, *words: str, folder: Path | None = None) -> tuple[int, str]:
        """The same, to its end: exit status, and what it said."""
        process = self.begin(*words, folder=folder)
        said, _ = process.communicate(timeout=HANG)
        return process.returncode, said

    def start(self, name: str, *words: str, cores: int = 1) -> None:
        """Start a node."""
        words = words or (f"--address={ADDRESS}",)
        fixed = ["--node-ip-address=127.0.0.1", f"--object-store-memory={MEMORY}"]
        fixed += ["--include-dashboard=false"] if cores == 0 else []
        words = ["ray", "start", *words, f"--num-cpus={cores}", *fixed]
        status, said = self.run(*words, folder=self.folder(name))
        assert status == 0, said

    def kill(self, name: str) -> None:
        """Kill a node and all that runs on it, as a machine that loses power."""
        found = self.processes(name)
        assert found, name
        for pid in found:
            os.kill(pid, 9)
        until(lambda: not self.processes(name), f"the end of {name}")

    def processes(self, name: str) -> list[int]:
        """The processes that a node's start has left in its folder."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                here = (entry / "cwd").readlink() == self.folder(name)
                words = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if here and words:
                found.append(int(entry.name))
        return found
