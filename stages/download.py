"""Stage `download`: both archives, from wherever `source` says -> data/raw, once they are whole."""

import shutil

from faces.core import params, paths, running
from faces.core.errors import UserError
from faces.sources import fetching


def main() -> None:
    settings = params.load("source", "seed", "kaggle", "sample", "gender.labels")
    raw = paths.RAW
    try:
        for left in raw.parent.glob(".download-*"):  # of a run that was killed
            shutil.rmtree(left)
        fetching.renew(settings, raw, paths.LINKS)
    except OSError as error:
        todo = "Look at free space and permissions, and run it again."
        wanted = f"to read the source and to write {raw.as_posix()}"
        raise UserError(wanted, str(error), todo) from error


if __name__ == "__main__":
    running.run(main, words=False)
