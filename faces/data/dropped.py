"""Count what cleaning dropped by its reason, and choose which of it to show."""

import numpy as np
import pandas as pd

SHOWN = 24


def summary(table: pd.DataFrame) -> list[tuple[str, int]]:
    """Reasons, in short, and how often each is given, the most frequent first.

    Args:
        table: with a column `reason`.
    """
    counts = short(table).value_counts()
    return sorted(((str(k), int(n)) for k, n in counts.items()), key=lambda row: (-row[1], row[0]))


def short(table: pd.DataFrame) -> pd.Series:
    """Each row's reason without what differs from row to row."""
    return table["reason"].astype(str).str.split(r"[:(]", regex=True).str[0].str.strip()


def some_of_each(table: pd.DataFrame, n: int = SHOWN) -> pd.DataFrame:
    """At most n rows: the first of each reason, then the second of each, and so on."""
    turn = table.groupby(short(table)).cumcount()
    return table.iloc[np.argsort(turn.to_numpy(), kind="stable")[:n]]
