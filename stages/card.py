"""Stage `card`: metrics -> docs/model-card.md."""

from faces.core import files, params, paths, running
from faces.reporting import card


def main() -> None:
    settings = params.load("source")
    read = {name: files.load_json(paths.METRICS / f"{name}.json") for name in card.READS}
    files.save_text(paths.CARD, card.written(read, settings["source"]))
    print(f"the model card: {paths.CARD.as_posix()}")


if __name__ == "__main__":
    running.run(main, words=False)
