"""The whole pipeline on a tiny sample, through the real DVC; what is changed is a copy of it."""

import importlib
import json
import re
import sys
from functools import reduce
from operator import getitem
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from faces.core import params
from faces.training import opening
from faces.training.averages import networks
from tests.helpers.clone import ROOT, Clone, ran

pytestmark = pytest.mark.slow

TASKS = ("keypoints", "gender")


def locked(clone: Clone) -> dict:
    """What each stage read and wrote, by its name."""
    return yaml.safe_load((clone.folder / "dvc.lock").read_text(encoding="utf-8"))["stages"]


def test_the_metrics_are_those_of_the_contract(finished):
    keypoints, gender = (finished.json(f"metrics/{task}.json") for task in TASKS)
    wanted = {"rmse", "rmse_15", "rmse_4", "rmse_mean_face", "rmse_by_point"}
    assert wanted | {"n_images", "n_values"} <= set(keypoints)
    assert len(keypoints["rmse_by_point"]) == 15 and 0 < keypoints["rmse"] < 96
    assert gender["n_images"] == 16 and sum(gender["confusion"]["Male"].values()) == 8
    low, high = gender["accuracy_interval"]
    assert 0 <= low <= gender["accuracy"] <= high <= 1


def test_the_submission_answers_what_the_lookup_table_asks(finished):
    table = pd.read_csv(finished.folder / "data/submission.csv")
    lookup = np.load(finished.folder / "data/clean/keypoints/lookup.npy")
    assert table.columns.tolist() == ["RowId", "Location"]
    assert table["RowId"].tolist() == lookup[:, 0].tolist()
    assert table["Location"].between(0, 96).all()


def test_the_submission_is_answered_by_one_more_network_that_saw_the_test_rows(finished):
    folder = finished.folder / "data/models"
    evaluated, both = (opening.load(folder / f"{n}.keras") for n in ("keypoints", "submission"))
    same, other = (part.get_weights() for part in networks(both))
    assert all(np.array_equal(a, b) for a, b in zip(same, evaluated.get_weights(), strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(same, other, strict=True))
    said, sides = (finished.json(f"metrics/{name}-keypoints.json") for name in ("refit", "split"))
    everything = sum(sides[side] for side in ("train", "validation", "test"))
    errors = finished.json("metrics/label-errors-keypoints.json")["label_errors"]
    assert said["networks"] == 1 and said["rows"] == everything - errors - said["left_out"]


def test_a_second_run_runs_nothing(clone):
    assert ran(clone.dvc("repro")) == set()


def test_the_dropped_are_listed_with_reasons(finished):
    dropped = pd.read_csv(finished.folder / "data/clean/gender/dropped.csv")
    assert {"empty file", "cut short", "blank", "one pixel"} <= set(dropped["reason"])
    assert len(dropped) == finished.json("metrics/clean-gender.json")["dropped"]


def test_label_errors_are_listed_for_train_and_validation_alone(finished):
    rows = pd.read_csv(finished.folder / "data/split/keypoints/rows.csv")
    checked = finished.json("metrics/label-errors-keypoints.json")
    assert checked["rows"] == (rows["split"] != "test").sum()
    listed = pd.read_csv(finished.folder / "data/label_errors/keypoints/label_errors.csv")
    assert len(listed) == checked["label_errors"] and "test" not in set(listed["split"])
    keep = np.load(finished.folder / "data/label_errors/keypoints/train_keep.npy")
    assert (~keep).sum() == (listed["split"] == "train").sum()


def test_every_module_that_a_stage_imports_is_in_its_deps(finished):
    for stage, content in locked(finished).items():
        deps = {dep["path"] for dep in content["deps"]}
        loaded = set((finished.trace / stage).read_text(encoding="utf-8").split())
        loaded = {f for f in loaded if not f.endswith("__init__.py")}
        if stage == "download":  # no change of how archives are fetched fetches them again
            loaded = {f for f in loaded if f.startswith("faces/sources/drawn/")}
        inside = {f for f in loaded if any(f.startswith(f"{dep}/") for dep in deps)}
        assert loaded - inside <= deps, f"{stage} imports what dvc.yaml does not list"


class Asked(Exception):
    """In place of the values of params: their keys."""


def test_a_stage_reads_the_sections_that_dvc_yaml_names_and_no_others(finished, monkeypatch):
    def load(*keys):
        raise Asked(*keys)

    monkeypatch.setattr(params, "load", load)
    for stage, content in locked(finished).items():
        name, _, task = stage.partition("@")
        if name == "params" or "params" not in content:
            continue
        monkeypatch.setattr(sys, "argv", [name, *([task] if task else [])])
        with pytest.raises(Asked) as asked:
            importlib.import_module(f"stages.{name}").main()
        assert set(asked.value.args) == set(content["params"]["params.yaml"]), stage


def test_a_stage_whose_values_depend_on_the_source_names_it(finished):
    text = params.read((ROOT / "params.yaml").read_text(encoding="utf-8"))
    kinds = [params.for_source(text, kind) for kind in ("sample", "kaggle")]
    depending = 0
    for stage, content in locked(finished).items():
        keys = content.get("params", {}).get("params.yaml", {})
        values = [reduce(getitem, key.split("."), kind) for kind in kinds for key in keys]
        if values[: len(keys)] != values[len(keys) :]:
            assert "source" in keys, stage
            depending += 1
    assert depending


def test_params_are_read_by_mains_alone():
    for path in (ROOT / "stages").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert text.count("params.load(") == (path.name != "export.py"), path  # which reads none
        if path.name != "params.py":
            assert "params.read(" not in text and "YAML(" not in text, path


def test_the_report_shows_the_figures_of_the_metrics(finished):
    page = (finished.folder / "metrics/report.html").read_text(encoding="utf-8")
    text = " ".join(re.sub(r"<[^>]+>", " ", page.replace("<wbr>", "")).split())
    keypoints, gender = (finished.json(f"metrics/{task}.json") for task in TASKS)
    low, high = keypoints["rmse_interval"]
    assert f"{keypoints['rmse']:.2f} px {low:.2f} to {high:.2f} (95%" in text
    assert f"The mean face has {keypoints['rmse_mean_face']:.2f} px" in text
    low, high = gender["accuracy_interval"]
    assert f"{gender['accuracy']:.1%} {low:.1%} to {high:.1%} (95%" in text
    for name, value in keypoints["rmse_by_point"].items():
        assert f"{name.replace('_', ' ')} {value:.2f}" in text
    for name, row in gender["confusion"].items():
        cells = f"{row['Male']} {row['Female']} {gender['recall_by_class'][name]:.1%}"
        assert f"{name} {cells}" in text
    for task in TASKS:
        kept = finished.json(f"metrics/clean-{task}.json")["kept"]
        assert f"{kept} of " in text
    dropped = pd.read_csv(finished.folder / "data/clean/gender/dropped.csv")
    assert all(file in text for file in dropped["file"])


def test_the_report_has_the_hashes_of_the_lock_and_the_same_bytes_again(clone):
    report = clone.folder / "metrics/report.html"
    before = report.read_bytes()
    page = before.decode().replace("<wbr>", "")
    data = [d for d in locked(clone)["report"]["deps"] if d["path"].startswith("data/")]
    for dep in data:
        if not dep["path"].startswith("data/answers"):
            assert f"{dep['path']}</th><td><code>{dep['md5']}</code>" in page
    clone.run("python", "-m", "stages.report")
    assert report.read_bytes() == before


def test_each_stage_leaves_its_time_where_the_report_looks(finished):
    text = (finished.folder / "metrics/times.js").read_text(encoding="utf-8")
    times = json.loads(re.fullmatch(r"showTimes\((.*)\);\n", text, re.DOTALL)[1])
    assert set(times) == set(locked(finished))
    assert times["train@keypoints"]["seconds"] > 0
    assert "times.js" not in finished.git("ls-files", "metrics")


def test_another_learning_rate_trains_anew_and_keeps_what_is_clean(clone):
    said = clone.dvc("exp", "run", "-S", "lr=0.001", "evaluate@keypoints")
    assert {"train@keypoints", "evaluate@keypoints"} <= ran(said)
    assert not [s for s in ran(said) if s.startswith(("download", "clean", "split", "label"))]
    changed = json.loads(clone.dvc("metrics", "diff", "--json"))
    assert changed["metrics/keypoints.json"]["rmse"]["diff"] != 0
    assert "lr" in clone.dvc("params", "diff")
    clone.dvc("plots", "diff", "-o", "both")
    page = (clone.folder / "both" / "index.html").read_text(encoding="utf-8")
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=.?https?:", page)
    revisions = set(re.findall(r'"rev": ?"([^"]+)"', page))  # one curve each, on the same axes
    assert {"HEAD", "workspace"} <= revisions


def test_another_engine_makes_no_result_stale(clone):
    path = clone.folder / "params.yaml"
    text = path.read_text(encoding="utf-8")
    assert "engine: local " in text
    path.write_text(text.replace("engine: local ", "engine: 10.0.0.1:6379 "), encoding="utf-8")
    assert set(json.loads(clone.dvc("status", "--json"))) == {"params"}


def test_other_classes_come_by_params_alone(clone):
    few = {"sample.label": "expression", "sample.train_rows": 20, "sample.photos": 36}
    few |= {"gender.clean.classes": "smile/neutral/surprise"}
    words = [word for key, value in few.items() for word in ("-S", f"{key}={value}")]
    clone.dvc("exp", "run", *words, "clean@gender")
    counts = clone.json("metrics/clean-gender.json")["by_class"]
    assert list(counts) == ["smile", "neutral", "surprise"] and min(counts.values()) >= 10


def test_cross_validation_asks_of_every_photo(finished):
    sizes = finished.json("metrics/split-gender.json")
    folds = finished.json("metrics/crossval-gender.json")
    assert folds["folds"] == 2 == len(folds["accuracy_by_fold"])
    assert folds["n_images"] == sizes["train"] + sizes["validation"] + sizes["test"]
    assert finished.json("metrics/crossval-keypoints.json") == {"folds": 0, "rows": "all"}


def test_the_saved_temperature_is_that_of_the_metrics_and_the_card_has_it(finished):
    trained = finished.json("metrics/train-gender.json")
    assert 0.1 <= trained["temperature"] <= 10
    assert trained["validation_log_loss"] <= trained["validation_log_loss_before"] + 0.05
    before = finished.json("metrics/gender.json")["before_temperature"]
    assert set(before) == {"log_loss", "calibration_error"}
    card = (finished.folder / "docs/model-card.md").read_text(encoding="utf-8")
    assert f"A temperature of {trained['temperature']:.2f}" in card and "Gender Shades" in card


def test_the_plots_open_without_a_network(clone):
    clone.dvc("plots", "show", "-o", "page")
    page = (clone.folder / "page" / "index.html").read_text(encoding="utf-8")
    assert not re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=.?https?:", page)
    assert "vegaEmbed" in page and "RMSE by point" in page and "validation_log_loss" in page
    assert (clone.folder / "page" / "static").is_dir()


def test_a_wrong_param_is_one_line_and_nothing_is_lost(clone):
    outputs = ["data/models/keypoints.keras", "data/submission.csv", "metrics/gender.json"]
    before = [(clone.folder / name).read_bytes() for name in outputs]
    said = clone.dvc("exp", "run", "-S", "keypoints.clean.incomplete=some", ok=False)
    errors = [line for line in said.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1 and "keypoints.clean.incomplete" in errors[0]
    assert "Traceback" not in said
    assert [(clone.folder / name).read_bytes() for name in outputs] == before


def test_photos_are_answered_in_order_with_the_json_of_the_contract(clone, tmp_path):
    images = np.load(clone.folder / "data/clean/keypoints/test_images.npy")
    Image.fromarray(images[0]).resize((192, 96)).save(tmp_path / "wide.png")
    Image.new("RGB", (50, 50), "gray").save(tmp_path / "blank.png")
    (tmp_path / "no.jpg").write_bytes(b"")
    paths = [str(tmp_path / name) for name in ("no.jpg", "wide.png", "missing.jpg", "blank.png")]
    words = ["python", "-m", "faces.predict", "--crop", "none", *paths]
    done = clone.run(*words, "--json", "out.json", "--overlay", "drawn", ok=False)
    answers = clone.json("out.json")
    assert done.returncode == 1 and [a["path"] for a in answers] == paths
    assert [a["error"] for a in answers] == ["empty file", None, "no such file", None]
    assert [len(a["faces"]) for a in answers] == [0, 1, 0, 0]
    face = answers[1]["faces"][0]
    assert face["box"] == [0, 0, 192, 96] and len(face["keypoints"]) == 15
    assert (
        face["gender"]["label"] in ("Male", "Female") and 0.5 <= face["gender"]["probability"] <= 1
    )
    x, y = np.array(list(face["keypoints"].values())).T
    assert 0 <= x.min() <= x.max() <= 192 and 0 <= y.min() <= y.max() <= 96
    assert [p.suffix for p in (clone.folder / "drawn").iterdir()] == [".png", ".png"]
    assert "Traceback" not in done.stderr


def test_a_plain_wall_shows_no_face_and_that_is_no_error(clone, tmp_path):
    (tmp_path / "walls").mkdir()
    for name in ("gray", "white"):
        Image.new("RGB", (640, 480), name).save(tmp_path / "walls" / f"{name}.jpg")
    done = clone.run("python", "-m", "faces.predict", str(tmp_path / "walls"))
    answers = json.loads(done.stdout)
    assert [Path(a["path"]).name for a in answers] == ["gray.jpg", "white.jpg"]
    assert all(a["error"] is None and a["faces"] == [] for a in answers)


def test_the_alignment_is_measured_in_both_training_sets(finished):
    alignment = finished.json("data/models/alignment.json")
    for task in TASKS:
        assert set(alignment[task]) == {"width", "height", "x", "y"}
        assert all(0 < share < 2 for share in alignment[task].values())
    assert alignment["doubt"]["spread"] > 0 and alignment["doubt"]["apart"] >= 0
