"""The commands that train for hours: what they train, keep and write, without any training."""

import argparse

import keras
import numpy as np
import pandas as pd
import pytest

from bench import ablations, ablations_gender, curve, heldout, kept, models, pages, quality
from bench.trained import Clock, Trained
from stages import params
from stages.errors import UserError
from stages.keypoints.labels import N_OUTPUTS, N_POINTS

DEFAULT = {"width": 32, "depth": 1, "epochs": 50}


def test_what_is_finished_is_not_done_again(tmp_path):
    done, log = [], tmp_path / "log.csv"

    def measure(columns):
        done.append(columns["key"])
        if columns["key"] == "b" and done.count("b") == 1:
            raise KeyboardInterrupt
        return [{"epoch": i} for i in range(2)]

    wanted = [{"name": "x", "key": key} for key in "abc"]
    with pytest.raises(KeyboardInterrupt):
        kept.each(wanted, measure, log, "test")
    table = kept.each(wanted, measure, log, "test")
    assert done == ["a", "b", "b", "c"]
    assert table["key"].tolist() == [*"aabbcc"] and table["epoch"].tolist() == [0, 1] * 3
    assert kept.each(wanted[2:], measure, log, "test")["key"].tolist() == ["c", "c"]


def test_no_group_lies_on_both_sides_and_no_doubted_row_is_held_out(rng):
    groups, doubted = rng.integers(0, 60, 300), rng.random(300) < 0.1
    target = np.full((300, N_OUTPUTS, 2), np.nan, np.float32)
    target[:100, :N_POINTS] = target[100:, N_POINTS:] = 1
    learn, out = heldout.divide(target, doubted, groups)
    assert not set(groups[learn]) & set(groups[out]) and 40 < len(out) < 80
    assert not doubted[out].any() and doubted[learn].any()
    rows = heldout.Rows({"image": groups, "target": target}, doubted, learn, out)
    assert len(rows.train()["image"]) == (~doubted[learn]).sum()
    assert heldout.is_complete(rows.train(complete=True)["target"]).all()
    assert 0 < len(rows.train(complete=True)["image"]) < len(rows.train()["image"])


def test_a_clock_sees_each_epoch_and_stops_in_time():
    told, ends = [], []
    for limit in (None, 0):
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        clock = Clock(limit, told.append)
        clock.watch(model)
        data = np.ones((8, 2)), np.ones(8)
        model.fit(*data, epochs=3, batch_size=4, validation_data=data, verbose=0)
        ends.append(clock.ends)
        assert clock.late == (limit == 0) and clock.seconds == clock.ends[-1]
    assert [len(end) for end in ends] == [3, 1] and told == [0, 1, 2, 0]
    assert all(np.diff(ends[0]) > 0)


def test_the_default_is_always_trained_and_the_cheapest_first():
    asked = argparse.Namespace(sizes=["48x1", "8x2"], epochs=[50, 10])
    found = curve.shapes(asked, DEFAULT)
    assert found[0] == {"width": 8, "depth": 2, "epochs": 10} and len(found) == 5
    assert found.count(DEFAULT) == 1
    asked.sizes.append("32x1")
    assert curve.shapes(asked, DEFAULT).count(DEFAULT) == 1
    asked = argparse.Namespace(sizes=["16x1", "48x1x12"], epochs=[10])
    found = [tuple(shape.values()) for shape in curve.shapes(asked, DEFAULT)]
    assert found == [(16, 1, 10), (48, 1, 12), (32, 1, 50)]


def trainings() -> pd.DataFrame:
    about = {"depth": 1, "epochs": 50, "parameters": 10, "rows": 2000, "held": 500, "device": "CPU"}
    return pd.DataFrame(
        about
        | {"width": [16, 32, 16, 32], "seed": [0, 0, 1, 1], "flops": [1e13, 4e13] * 2}
        | {"seconds": [9.0, 20, 11, 20], curve.IS: [1.5, 1.3, 1.7, 1.3]}
        | {curve.BEST: [1.4, 1.2, 1.4, 1.2]}
    )


def test_the_curve_is_the_mean_over_seeds_with_the_default_marked():
    page = curve.as_markdown(trainings(), DEFAULT, "a command")
    assert "| 16 x 1 | 50 | 10 | 10 | 1.600 (1.500 to 1.700) | 1.400 | 10 |  |" in page
    assert "| 32 x 1 | 50 | 10 | 40 | 1.300 | 1.200 | 20 | **default** |" in page
    labels = curve.picture(trainings(), DEFAULT).axes[0].get_legend_handles_labels()[1]
    assert sorted(labels) == ["the default", "width 16, depth 1", "width 32, depth 1"]


def curves(report: float) -> pd.DataFrame:
    parts = []
    for name, low in ((quality.OURS, 1.2), (quality.DROP, report), (quality.ALL, 6.0)):
        about = {"network": name, "rows": 2000, "held": 500, "parameters": 10, "device": "CPU"}
        errors = {"validation_rmse": [9.0, 1.5 * low, low], "seconds": [10.0, 20.0, 30.0]}
        parts.append(pd.DataFrame({**about, **errors, "epoch": [1, 2, 3], "late": name != "ours"}))
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize(("report", "verdict"), [(4.0, "; met)"), (2.4, "; **not met**)")])
def test_time_to_quality_says_whether_the_goal_is_met(report, verdict):
    page = quality.as_markdown(curves(report), 4.1, "a command")
    assert verdict in page and f"{1.2 / report:.2f} of that of report-3" in page
    assert "| ours | 2,000 | 10 | 20 | 30 | 1.200 | 1.200 |  | 30 s, 3 epochs: its" in page
    assert "| not reached | 30 |" in page and "time was up" in page
    assert "| the mean face | 2,000 | 38 | | | 4.100 | | 20 | |" in page
    assert len(quality.picture(curves(report), 4.1).axes[0].lines) == 5


@pytest.mark.parametrize(
    ("epochs", "late", "expected"),
    [
        (5, False, "all 5"),
        (3, False, "3 of 5: no better for 2"),
        (3, True, "3 of 5: stopped, time"),
    ],
)
def test_why_a_training_ended_is_said(epochs, late, expected):
    found = Trained(None, pd.DataFrame({"epoch": range(epochs)}), late)
    assert models.ended(found, {"epochs": 5, "patience": 2}).startswith(expected)


def test_the_networks_are_listed_with_the_best_last():
    table = pd.DataFrame(
        {"network": ["ours", "the mean face"], "plain": [1.3, 4.0], "views": [1.2, np.nan]}
        | {"plain_low": [1.1, 3.9], "plain_high": 1.5, "views_low": 1.0, "views_high": 1.4}
        | {"parameters": [592323, 38], "seconds": [1000.0, 0.0], "ended": ["all 50", ""]}
        | {"rows": 2000, "test": 287, "device": "CPU"}
    )
    lines = models.as_markdown(table, "a command").splitlines()
    assert lines[-1] == (
        "| ours | 592,323 | all 50 | 1,000 | 1.30 (1.10 to 1.50) | 1.20 (1.00 to 1.40) |"
    )
    assert lines[-2].startswith("| the mean face | 38 |  | 0 | 4.00") and lines[-2].endswith("|  |")


def test_a_page_names_its_command_without_local_paths(monkeypatch):
    words = ["x", "--log", "/tmp/a.csv", "--epochs", "2", "--docs", "/tmp"]
    monkeypatch.setattr("sys.argv", words)
    assert pages.command("bench.curve") == "python -m bench.curve --epochs 2"


def test_a_size_that_is_none_is_one_error():
    with pytest.raises(UserError, match=r"WIDTHxDEPTH.*'32'"):
        pages.check_sizes(["16x1", "32"])


def test_a_share_of_the_rows_does_not_replace_a_page(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for share, docs, there in ((0.5, None, False), (0.5, tmp_path / "a", True), (1, None, True)):
        pages.save(argparse.Namespace(share=share, docs=docs), "name", f"page {share}\n")
        path = (docs or tmp_path / "docs") / "name.md"
        assert path.is_file() == there
    assert "docs/ is as it was" in capsys.readouterr().out


def test_gender_is_measured_on_other_photos_for_each_seed(rng):
    groups = rng.integers(0, 80, 200)
    data = {"image": np.arange(200), "target": np.eye(2)[rng.integers(0, 2, 200)]}
    held = []
    for seed in (0, 1):
        learn, out = ablations_gender.divided(data, groups, seed)
        assert not set(groups[learn["image"]]) & set(groups[out["image"]])
        assert len(learn["image"]) + len(out["image"]) == 200 and 20 < len(out["image"]) < 60
        held.append(set(out["image"]))
    assert held[0] != held[1]


def test_gender_changes_change_what_there_is():
    section = params.load("gender")["gender"]
    for change in ablations_gender.CHANGES.values():
        assert set(change) <= set(section) and set(change.get("augment", {})) <= set(
            section["augment"]
        )


def test_a_page_of_gender_counts_right_answers_over_all_seeds():
    rows = [
        {"change": change, "seed": seed, "rows": 80, "held": 20, "seconds": 5.0}
        | {f"{way}: right": right - seed for way in ablations_gender.WAYS}
        | {f"{way}: log loss": 0.1 * (seed + 1) for way in ablations_gender.WAYS}
        for change, right in (("the default", 19), ("worse", 11))
        for seed in (0, 1)
    ]
    page = ablations_gender.as_markdown(pd.DataFrame(rows), "the command")
    assert "| the default | 92.5% (80.1% to 97.4%) | 0.150 (0.100 to 0.200) |" in page
    assert "| worse | 52.5% " in page and "40 in all" in page


def test_an_ablation_is_compared_with_the_default_of_its_seed():
    rows = [
        {"change": change, "seed": seed, "rows": 90, "held": 10, "seconds": 5.0}
        | dict.fromkeys(ablations.WAYS, 1.0 + seed + more)
        for more, change in enumerate(ablations.CHANGES)
        for seed in (0, 1)
    ]
    arguments = argparse.Namespace(seeds=2, width=16, epochs=12)
    page = ablations.as_markdown(pd.DataFrame(rows), arguments)
    assert "| the default | 90 | 1.500 (1.000 to 2.000) |" in page
    assert "+0.000 (+0.000 to +0.000) | 5 |" in page and "+1.000 (+1.000 to +1.000)" in page
