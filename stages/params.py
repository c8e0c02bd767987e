"""Stage `params`: every value in params.yaml, checked before anything else runs.

DVC removes a stage's outputs before it starts it, so a wrong value is better found here.
"""

from faces.core import files, params, paths, running
from faces.core.errors import UserError
from faces.rules import checking


def main() -> None:
    if not params.FILE.exists():
        raise UserError("params.yaml in the current folder", "none", "Run from the repository.")
    written = params.read(params.content(params.FILE))
    checking.check(written)
    params.load("source")  # a word that is a folder's name too
    # DVC cannot read a link whose file is gone: another source could never be chosen.
    files.remove_dangling(paths.LINKS)
    files.save_text(paths.PARAMS_CHECKED, "Every value in params.yaml can be used.\n")


if __name__ == "__main__":
    running.run(main, words=False)
