import pytest

from bench import report, timing
from bench.report import Line


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "PAGE", tmp_path / "benchmarks.md")
    return report.PAGE


def test_a_run_renews_its_own_rows_and_leaves_the_others(page):
    report.update("photos", [Line("photos", "5", "4: others", "1.2 x", "1 x", True)])
    report.update("ingest", [Line("rows", "1", "9", "9 x")])
    report.update("ingest", [Line("rows", "2", "9", "4.5 x", "5 x", False)])
    text = page.read_text()
    assert text.startswith(report.HEAD) and text.count("\n## ") == 2
    assert text.index("## ingest") < text.index("## photos")  # in the order of `report.ROWS`
    assert "| rows | 2 | 9 | 4.5 x | 5 x | **not met** |" in text and "| rows | 1 |" not in text
    assert "| photos | 5 | 4: others | 1.2 x | 1 x | met |" in text
    assert "packed as Kaggle packs it" in text  # how it is measured


def test_the_machine_is_named_with_its_libraries():
    assert "cores" in report.machine() and ", numpy 2" in report.machine()


def test_ratios_are_medians_over_rounds():
    baseline, ours = timing.Times([2, 9, 4], [1, 1, 1]), timing.Times([1, 3, 2], [1, 2, 4])
    assert baseline.by(ours) == 2 and baseline.by(ours, "cpu") == 0.5
    assert str(ours) == "2.00 s (2.00 s)" and timing.show(0.0123) == "12.3 ms"


def test_ways_take_turns_after_a_round_that_does_not_count():
    done = []
    times = timing.interleaved({name: lambda name=name: done.append(name) for name in "ab"})
    assert done == ["a", "b"] * (timing.ROUNDS + 1)
    assert len(times["a"].wall) == len(times["b"].cpu) == timing.ROUNDS


def test_the_memory_of_a_process_is_what_it_holds(tmp_path):
    words = ["-c", "import time; held = b'1' * 80_000_000; time.sleep(0.5)"]
    seconds, most = timing.peak_memory(words, tmp_path)
    assert seconds >= 0.5 and 80e6 < most < 120e6
    with pytest.raises(SystemExit, match="ZeroDivisionError"):
        timing.peak_memory(["-c", "1 / 0"], tmp_path)
