"""At Kaggle, in place of stage `download`: both archives out of Kaggle's input.

The lock file then says what it would say here after `source: kaggle`. For the notebook, which has
no use for DVC and the photos, `python -m faces.kernel.lay keypoints` packs the archive it reads.
"""

import subprocess
import sys
from pathlib import Path

from faces.core import params, paths, running
from faces.core.tasks import ARCHIVES
from faces.data.archives import write_zip
from faces.kernel import there
from faces.sources import fetching, folder

KEYS = ["source", "seed", "kaggle", "sample", "gender.labels"]


def main() -> None:
    print("\n".join(f"{name} {number or 'none'}" for name, number in there.versions().items()))
    settings = params.load(*KEYS)
    laid = Path.cwd().with_name("faces-input")
    if sys.argv[1:] == ["keypoints"]:
        paths.RAW.mkdir(parents=True, exist_ok=True)
        if settings["source"] == "sample":
            fetching.renew(settings, paths.RAW, paths.LINKS)
        else:
            pack_keypoints(laid, paths.RAW / ARCHIVES["keypoints"])
    elif settings["source"] != "sample":
        dvc = [sys.executable, "-m", "dvc"]
        subprocess.run([*dvc, "repro", "params"], check=True)  # noqa: S603
        fetching.renew({**settings, "source": str(laid)}, paths.RAW, paths.LINKS)
        fetching.watch({}, paths.LINKS)  # the links are no part of what the lock file knows here
        subprocess.run([*dvc, "commit", "--force", "download"], check=True)  # noqa: S603


def pack_keypoints(laid: Path, path: Path) -> None:
    """Pack the competition's files, or copy their archive, and check it."""
    base = laid / path.stem
    whole = laid / path.name
    if whole.exists():
        path.write_bytes(whole.read_bytes())
    else:
        write_zip(path, sorted(folder.keypoint_files(base, laid).items()))
    fetching.check_archive(path, path.name)


if __name__ == "__main__":
    running.run(main, timed=False)
