"""Stage `split`: what is clean -> arrays to train on, to validate and to test on."""

from faces.core import engine, files, params, paths, running, tasks


def main() -> None:
    task = tasks.from_command_line()
    settings = params.load("seed", f"{task}.split")
    engine.choose()
    content = tasks.module(task, "data.store").load_clean(paths.CLEAN / task)
    arrays, outputs, table, counts = tasks.module(task, "data.split").split(
        **content, settings=settings["split"], seed=settings["seed"]
    )
    with files.replacing(paths.SPLIT / task) as folder:
        files.save_arrays(folder, arrays)
        files.save_json(folder / "outputs.json", outputs)
        files.save_table(folder / "rows.csv", table)
    files.save_json(paths.METRICS / f"split-{task}.json", counts)
    print(f"{task}: " + ", ".join(f"{name} {value}" for name, value in counts.items()))


if __name__ == "__main__":
    running.run(main)
