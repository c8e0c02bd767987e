"""The same photo in other framings: does the answer stay the same?

    python -m bench.framing --photos 50

Photos of the gender test split, each as it is, with margin, without, shifted and turned by 15
degrees. `predict` answers for all of them as it does for files. A flip is another class than that
of the photo as it is. Run the pipeline first.
"""

import argparse
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from bench.predict import PHOTOS
from stages.errors import UserError, run
from stages.faces.answer import answer_photos
from stages.faces.models import Models, load_models
from stages.photos import read_photo
from stages.predict import MODELS
from stages.progress import progress_bar

ROWS = Path("data/split/gender/rows.csv")
MARGIN, LESS, SHIFT, DEGREES = 0.5, 0.08, 0.15, 15  # shares of the photo's sides
GROUND = (128, 128, 128)
AS_IT_IS = "as it is"


def framings(photo: Image.Image) -> dict[str, Image.Image]:
    """The photo in each framing."""
    width, height = photo.size
    cut = Image.new("RGB", photo.size, GROUND)
    cut.paste(photo, (round(SHIFT * width), round(SHIFT * height)))
    margin = round(MARGIN * width), round(MARGIN * height)
    wide, aside = (
        Image.new("RGB", (width + 2 * margin[0], height + 2 * margin[1]), GROUND) for _ in range(2)
    )
    wide.paste(photo, margin)
    aside.paste(photo, (2 * margin[0], margin[1] // 2))
    less = (round(LESS * width), round(LESS * height))
    box = (*less, width - less[0], height - less[1])
    turned = photo.rotate(DEGREES, Image.Resampling.BICUBIC, expand=True, fillcolor=GROUND)
    return {
        AS_IT_IS: photo,
        f"with {MARGIN:.0%} margin on each side": wide,
        f"without the outer {LESS:.0%}": photo.crop(box),
        "that margin, at its side": aside,
        f"shifted by {SHIFT:.0%}, the rest cut off": cut,
        f"turned by {DEGREES} degrees": turned,
    }


def asked(photos: list[Image.Image], models: Models) -> pd.DataFrame:
    """A row for each photo and framing: `framing`, `label` ("" without a face), `probability`."""
    rows = []
    for number, photo in enumerate(progress_bar(photos, "framings", unit="photo")):
        variants = framings(photo)
        answers = answer_photos(list(variants.values()), models)
        for name, faces in zip(variants, answers, strict=True):
            said = faces[0]["gender"] if faces else {"label": "", "probability": np.nan}
            rows.append({"photo": number, "framing": name, **said})
    return pd.DataFrame(rows)


def counted(table: pd.DataFrame, wanted: list[str]) -> pd.DataFrame:
    """For each framing: photos with a face, flips among them, how far probabilities are apart.

    Args:
        table: as `asked` gives it. wanted: the true label of each photo.

    Returns:
        `framing`, `found`, `right`, `flips`, `apart`: the mean change of the probability of the
        class that the photo as it is has.
    """
    labels = table.pivot(index="photo", columns="framing", values="label")
    chances = table.pivot(index="photo", columns="framing", values="probability")
    rows = []
    for name in dict.fromkeys(table["framing"]):
        both = (labels[name] != "") & (labels[AS_IT_IS] != "")
        same = labels[name] == labels[AS_IT_IS]
        of_that = chances[name].where(same, 1 - chances[name])
        row = {
            "framing": name,
            "found": int((labels[name] != "").sum()),
            "right": int((labels[name] == np.array(wanted)).sum()),
            "flips": int((both & ~same).sum()),
            "apart": float((of_that - chances[AS_IT_IS]).abs()[both].mean()),
        }
        rows.append(row)
    return pd.DataFrame(rows)


def as_markdown(table: pd.DataFrame, number: int) -> str:
    lines = [
        f"| {number} photos | a face found | class right | flips | probability apart |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in table.to_dict("records"):
        cells = [row[name] for name in ("framing", "found", "right", "flips")]
        lines.append(f"| {' | '.join(map(str, cells))} | {row['apart']:.3f} |")
    return "\n".join(lines)


def photos_to_ask(
    number: int, seed: int = 0, side: str = "test"
) -> tuple[list[Image.Image], list[str]]:
    """So many photos of a side of the split, drawn at random, and their labels.

    Args:
        number: where the side has fewer, all of them. side: `train`, `validation`, `test`.
    """
    for path in (PHOTOS, ROWS):
        if not path.is_file():
            raise UserError(
                f"{path.as_posix()} to measure with", "no such file", "`make run` first."
            )
    rows = pd.read_csv(ROWS).query("split == @side")
    rows = rows.sample(min(number, len(rows)), random_state=seed)
    with zipfile.ZipFile(PHOTOS) as archive:
        contents = [archive.read(name) for name in rows["file"]]
    return [read_photo(content) for content in contents], rows["label"].tolist()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.framing", description=__doc__)
    parser.add_argument("--photos", type=int, default=50)
    photos, wanted = photos_to_ask(parser.parse_args().photos)
    print(as_markdown(counted(asked(photos, load_models(MODELS)), wanted), len(photos)))


if __name__ == "__main__":
    run(main, timed=False)
