"""Stage `split`: what is clean -> arrays to train on, to validate and to test on."""

from pathlib import Path

from stages import errors, files, params, tasks

CLEAN, SPLIT, METRICS = Path("data/clean"), Path("data/split"), Path("metrics")
KEYS = ["seed", "{task}.split"]


def main() -> None:
    task = tasks.from_command_line()
    settings = params.load(*(key.format(task=task) for key in KEYS))
    content = tasks.room(task, "store").load_clean(CLEAN / task)
    arrays, outputs, table, counts = tasks.room(task, "split").split(
        **content, settings=settings["split"], seed=settings["seed"]
    )
    with files.replacing(SPLIT / task) as folder:
        files.save_arrays(folder, arrays)
        files.save_json(folder / "outputs.json", outputs)
        table.to_csv(folder / "rows.csv", index=False, lineterminator="\n")
    files.save_json(METRICS / f"split-{task}.json", counts)
    print(f"{task}: " + ", ".join(f"{name} {value}" for name, value in counts.items()))


if __name__ == "__main__":
    errors.run(main)
