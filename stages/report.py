"""Stage `report`: what all other stages found -> metrics/report.html, one page."""

from faces.core import files, params, paths, running
from faces.core.errors import UserError
from faces.reporting import collect, page

SHOWN = ("seed", "lr", "device", "precision", "kaggle", "sample", "keypoints", "gender")


def main() -> None:
    settings = params.load("source", *SHOWN)
    try:
        html = page.render(collect.values(settings))
    except FileNotFoundError as error:
        missing = f"no {error.filename}"
        raise UserError("the outputs of all stages", missing, "Run `dvc repro`.") from None
    files.save_text(paths.REPORT, html)
    size = paths.REPORT.stat().st_size / 2**20
    print(f"{paths.REPORT.as_posix()}: {size:.1f} MB, opens in any browser")


if __name__ == "__main__":
    running.run(main, words=False)
