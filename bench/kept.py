"""Results of long runs, each kept as it comes, so that a killed run goes on where it was."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pandas as pd

from stages import files
from stages.progress import progress_bar


def each(
    wanted: Iterable[dict], measure: Callable[[dict], dict | list[dict]], log: Path, what: str
) -> pd.DataFrame:
    """A table of all that is wanted, with what `measure` makes of it.

    Args:
        wanted: columns by name; `key` changes with whatever the result depends on.
        measure: called with what the log does not have yet. It returns further columns, or a list
            of them where there are to be several rows.
        log: a CSV. what: for the progress bar.
    """
    table = read(log)
    wanted = list(wanted)
    for columns in progress_bar(wanted, what, unit="training"):
        if columns["key"] in set(table["key"]):
            continue
        found = measure(columns)
        found = found if isinstance(found, list) else [found]
        rows = pd.DataFrame([{**columns, **row} for row in found])
        table = pd.concat([table, rows], ignore_index=True) if len(table) else rows
        with files.replacing(log) as unfinished:
            table.to_csv(unfinished, index=False)
    table = read(log)  # as a run that goes on finds it
    return pd.concat([table[table["key"] == columns["key"]] for columns in wanted])


def read(log: Path) -> pd.DataFrame:
    """What is finished."""
    return pd.read_csv(log) if log.is_file() else pd.DataFrame({"key": []})
