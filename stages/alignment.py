"""Stage `alignment`: how faces lie in the photos that each network was trained on.

`faces.predict` crops faces out of photos just so.
"""

from faces.core import files, params, paths, running
from faces.detection import measuring
from faces.training import asking, hardware, opening

TASKS = ("keypoints", "gender")


def main() -> None:
    settings = params.load("seed", "device", "precision", "deterministic")
    hardware.set_up(settings)
    model = opening.load(paths.MODELS / "keypoints.keras")
    network = asking.Direct(asking.with_heatmaps(model))
    images = [files.load_arrays(paths.SPLIT / t, "train_images")["train_images"] for t in TASKS]
    result = measuring.alignments(network, *images)
    files.save_json(paths.ALIGNMENT, result)
    print(", ".join(f"{name}: {values}" for name, values in result.items()))


if __name__ == "__main__":
    running.run(main, words=False)
