"""At Kaggle, in place of stage `download`: both archives out of Kaggle's input.

The lock file then says what it would say here after `source: kaggle`. For the notebook, which has
no use for DVC and the photos, `python -m stages.kernel.lay keypoints` packs the archive it reads.
"""

import subprocess
import sys
from pathlib import Path

from stages import download, errors, folder_source, params
from stages.archives import write_zip
from stages.kernel import there
from stages.tasks import ARCHIVES

KEYS = download.KEYS


def main() -> None:
    print("\n".join(f"{name} {number or 'none'}" for name, number in there.versions().items()))
    settings = params.load(*KEYS)
    laid = Path.cwd().with_name("faces-input")
    if sys.argv[1:] == ["keypoints"]:
        download.RAW.mkdir(parents=True, exist_ok=True)
        if settings["source"] == "sample":
            download.renew(settings)
        else:
            pack_keypoints(laid, download.RAW / ARCHIVES["keypoints"])
    elif settings["source"] != "sample":
        dvc = [sys.executable, "-m", "dvc"]
        subprocess.run([*dvc, "repro", "params"], check=True)  # noqa: S603
        download.renew({**settings, "source": str(laid)})
        download.watch({})  # the links are no part of what the lock file knows here
        subprocess.run([*dvc, "commit", "--force", "download"], check=True)  # noqa: S603


def pack_keypoints(laid: Path, path: Path) -> None:
    """Pack the competition's files, or copy their archive, and check it."""
    base = laid / path.stem
    whole = laid / path.name
    if whole.exists():
        path.write_bytes(whole.read_bytes())
    else:
        write_zip(path, sorted(folder_source.keypoint_files(base, laid).items()))
    download.check_archive(path, path.name)


if __name__ == "__main__":
    errors.run(main, timed=False)
