"""Stage `crossval`: rows in folds, each answered by models trained on the others -> metrics.

Off by default. With `rows: rest` the test split takes no part, so that settings may be chosen by
these figures; with `all` every row is asked once: figures to report.
"""

from faces.core import engine, files, params, paths, running, sides, tasks


def main() -> None:
    task = tasks.from_command_line()
    settings = params.load(
        *("source", "seed", "lr", "device", "precision", "deterministic"),
        *(f"{task}.{name}" for name in ("crossval", "split", "train", "augment", "predict")),
        *(f"{name}.pseudo_labels" for name in tasks.PSEUDO_LABELS if name == task),
    )
    engine.choose()
    metrics = dict(settings["crossval"])
    if metrics["folds"]:
        metrics |= cross_validate(task, settings)
    else:
        print(f"{task}: no cross-validation ({task}.crossval.folds: 0)")
    files.save_json(paths.METRICS / f"crossval-{task}.json", metrics)


def cross_validate(task: str, settings: dict) -> dict:
    """Metrics over all rows that take part, each asked of a model that never saw it."""
    from faces.pseudo_labels import lessons  # here: it takes seconds, and there may be no folds
    from faces.training import ensemble, folds, hardware

    count, split = settings["crossval"]["folds"], paths.SPLIT / task
    print(f"{task}: {count} folds on {hardware.set_up(settings)}")
    scoring = tasks.module(task, "scoring.crossval")
    network, predict, calibrate = (
        tasks.module(task, f"model.{name}") for name in ("network", "predict", "calibrate")
    )
    training = network.with_preset(ensemble.training(settings))
    rows, table = sides.taking_part(split, settings["crossval"]["rows"])
    data = sides.columns(split, rows, table, scoring.COLUMNS)
    data["keep"] = sides.kept(paths.LABEL_ERRORS / task, table)[rows]
    data["keep"] |= training["label_errors"] == "keep"
    kept, more = files.repository() / paths.MEMBERS, None
    if task in tasks.PSEUDO_LABELS:
        found = lessons.of_rows(lessons.load(paths.PSEUDO_LABELS / task), rows)
        own = lessons.section(settings["pseudo_labels"], training["model"])
        more = lessons.Lessons(network, predict, training, own, settings["predict"], found, kept)
    answers, fold = folds.cross_validated(
        *((network, predict, calibrate), training, settings["predict"], data),
        *(scoring.strata(data), table["alike"].to_numpy()[rows], settings["seed"]),
        *(count, settings["split"]["validation"], kept, more),
    )
    outputs = files.load_json(split / "outputs.json")
    metrics = scoring.summary(answers, data, fold, outputs, settings["seed"])
    print(f"{task}: " + ", ".join(f"{k} {metrics[k]}" for k in scoring.HEADLINE))
    return metrics


if __name__ == "__main__":
    running.run(main)
