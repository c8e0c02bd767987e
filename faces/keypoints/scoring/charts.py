"""Charts of how far the predicted points lie from the marked ones."""

import pandas as pd
from matplotlib.figure import Figure

from faces.drawing.sheets import ANSWER, INK


def charts(points: pd.DataFrame, cumulative: pd.DataFrame, n: int) -> Figure:
    """RMSE by point, beside the share of images up to an error.

    Args:
        points: `point`, `rmse` in px. cumulative: `error` in px, `share`. n: images in all.
    """
    figure = Figure(figsize=(11, 4.6), dpi=110, layout="constrained")
    figure.suptitle(f"The test split: {n} images", color=INK, fontsize=12)
    left, right = figure.subplots(1, 2)
    left.barh(points["point"].str.replace("_", " "), points["rmse"], color=ANSWER)
    left.invert_yaxis()
    left.set(xlabel="RMSE, px")
    right.plot(cumulative["error"], cumulative["share"], color=ANSWER)
    right.set(
        xlabel="RMSE of an image, px", ylabel="share of images with at most that", ylim=(0, 1.02)
    )
    return figure
