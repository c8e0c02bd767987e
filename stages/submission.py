"""Stage `submission`: Kaggle's test images, the model of `refit` -> data/submission.csv."""

from pathlib import Path

import pandas as pd

from stages import backend, errors, files, model_file, params

CLEAN, MODEL = Path("data/clean/keypoints"), Path("data/models/submission.keras")
SUBMISSION = Path("data/submission.csv")
KEYS = ["seed", "device", "precision", "deterministic", "keypoints.flip_average", "keypoints.views"]


def main() -> None:
    settings = params.load(*KEYS)
    backend.keras()
    from stages.keypoints import answer
    from stages.keypoints.submission import check, submission
    from stages.training import device

    device.prepare(*(settings[k] for k in ("device", "precision", "seed", "deterministic")))
    arrays = files.load_arrays(CLEAN, "test_images", "lookup")
    model = model_file.load(MODEL)
    images = arrays["test_images"][..., None]
    outputs = answer.outputs(model, images, settings["flip_average"], settings["views"])
    table, outside = submission(outputs, arrays["lookup"])
    with files.replacing(SUBMISSION) as unfinished:
        table.to_csv(unfinished, index=False, lineterminator="\n")
        check(pd.read_csv(unfinished), arrays["lookup"][:, 0])
    print(f"{len(table):,} values for {len(images):,} images in {SUBMISSION}, {outside} clipped")
    print('submit it: make submit MESSAGE="..."')


if __name__ == "__main__":
    errors.run(main, words=False)
