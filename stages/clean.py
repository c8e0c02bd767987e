"""Stage `clean`: an archive as it came -> what can be used, and what was dropped, with pictures."""

from dataclasses import asdict

from faces.core import engine, files, params, paths, running, tasks
from faces.data.archives import open_zip, whole
from faces.data.dropped import some_of_each


def main() -> None:
    task = tasks.from_command_line()
    settings = params.load(f"{task}.clean")["clean"]
    engine.choose()
    path = paths.RAW / tasks.ARCHIVES[task]
    cleaning, store = tasks.module(task, "data.clean"), tasks.module(task, "data.store")
    with open_zip(path) as archive, whole(path.as_posix()):
        kept, dropped, counts = cleaning.clean(archive, settings)
        with files.replacing(paths.CLEAN / task) as folder:
            store.save_clean(folder, kept, archive)
            files.save_table(folder / "dropped.csv", dropped)
            shown = tasks.module(task, "data.shown").tiles(archive, some_of_each(dropped))
            files.save_json(folder / "dropped.json", [asdict(tile) for tile in shown])
    files.save_json(paths.METRICS / f"clean-{task}.json", counts)
    print(f"{task}: " + ", ".join(f"{name} {value}" for name, value in counts.items()))


if __name__ == "__main__":
    running.run(main)
