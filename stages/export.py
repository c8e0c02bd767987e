"""Stage `export`: both models as small files for LiteRT, which `faces.predict` asks.

LiteRT starts in a moment and needs no TensorFlow.
"""

import os

from faces.core import files, paths, running

TASKS = ("keypoints", "gender")


def main() -> None:
    # Whatever trained the models: only this backend writes for LiteRT. On a CPU, as LiteRT runs.
    os.environ |= {"KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "-1"}
    from faces.training import exporting, opening

    for task in TASKS:
        images = files.load_arrays(paths.SPLIT / task, "test_images")["test_images"]
        model = opening.load(paths.MODELS / f"{task}.keras")
        path = paths.MODELS / f"{task}.tflite"
        print(exporting.export(model, path, task, images[: exporting.COMPARED]))


if __name__ == "__main__":
    running.run(main, words=False)
