"""Stage `submission`: Kaggle's test images, the model of `refit` -> data/submission.csv."""

import pandas as pd

from faces.core import files, params, paths, running
from faces.keypoints.model import predict
from faces.keypoints.scoring.submission import check, submission
from faces.training import hardware, opening


def main() -> None:
    settings = params.load("seed", "device", "precision", "deterministic", "keypoints.predict")
    hardware.set_up(settings)
    arrays = files.load_arrays(paths.CLEAN / "keypoints", "test_images", "lookup")
    model = opening.load(paths.SUBMISSION_MODEL)
    images = arrays["test_images"][..., None]
    outputs = predict.outputs(model, images, **settings["predict"])
    table, outside = submission(outputs, arrays["lookup"])
    with files.replacing(paths.SUBMISSION) as unfinished:
        table.to_csv(unfinished, index=False, lineterminator="\n")
        check(pd.read_csv(unfinished), arrays["lookup"][:, 0])
    print(
        f"{len(table):,} values for {len(images):,} images in {paths.SUBMISSION}, {outside} clipped"
    )
    print('submit it: make submit MESSAGE="..."')


if __name__ == "__main__":
    running.run(main, words=False)
