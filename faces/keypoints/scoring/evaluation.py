"""Score keypoints for stage `evaluate`: metrics, tables to plot, pictures."""

from faces.keypoints.scoring.charts import charts
from faces.keypoints.scoring.pictures import pictures
from faces.keypoints.scoring.scores import cumulative, plot_table, scores

READS = ("test_images", "test_target", "test_group", "train_target")
HEADLINE = ("rmse", "rmse_interval", "rmse_mean_face", "n_images")


def evaluate(answer, arrays: dict, _: list[str] | None, seed: int) -> tuple[dict, dict, dict]:
    """Metrics, tables for DVC's plots, and pictures, by name.

    Args:
        answer: (n, 19, 2), the model's outputs for `test_images`.
        arrays: those named in READS. seed: of the bootstrap.
    """
    target = arrays["test_target"]
    metrics = scores(answer, target, arrays["test_group"], arrays["train_target"], seed)
    tables = {"points": plot_table(metrics), "cumulative": cumulative(answer - target)}
    shown = pictures(arrays["test_images"], answer, target)
    shown["charts"] = charts(tables["points"], tables["cumulative"], len(target))
    return metrics, tables, shown
