"""Stage `clean`: an archive as it came -> what can be used, and a list of what was dropped."""

import csv
from pathlib import Path

import pandas as pd

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
            files.save_text(folder / "dropped.csv", as_csv(dropped))
    files.save_json(METRICS / f"clean-{task}.json", counts)
    print(f"{task}: " + ", ".join(f"{name} {value}" for name, value in counts.items()))


def as_csv(table: pd.DataFrame) -> str:
    r"""The table as text.

    A carriage return in a name, as in `Icon\r` of a Mac's folders, stays bare if its cell does
    not have to be quoted, and would be read as the end of a line.
    """
    text = table.to_csv(index=False, lineterminator="\n")
    if "\r" not in text:
        return text
    return table.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC)


if __name__ == "__main__":
    errors.run(main)
