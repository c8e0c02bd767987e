"""Stage `clean`: an archive as it came -> what can be used, and a list of what was dropped."""

from pathlib import Path

from stages import errors, files, params, tasks
from stages.archives import open_zip, whole

RAW, CLEAN, METRICS = Path("data/raw"), Path("data/clean"), Path("metrics")
KEYS = {"keypoints": ["keypoints.incomplete"], "gender": ["gender.clean"]}


def main() -> None:
    task = tasks.from_command_line()
    settings = params.load(*KEYS[task])
    path = RAW / tasks.ARCHIVES[task]
    with open_zip(path) as archive, whole(path.as_posix()):
        kept, dropped, counts = tasks.room(task, "clean").clean(archive, settings)
        with files.replacing(CLEAN / task) as folder:
            tasks.room(task, "store").save_clean(folder, kept, archive)
            dropped.to_csv(folder / "dropped.csv", index=False, lineterminator="\n")
    files.save_json(METRICS / f"clean-{task}.json", counts)
    print(f"{task}: " + ", ".join(f"{name} {value}" for name, value in counts.items()))


if __name__ == "__main__":
    errors.run(main)
