"""Many faces at once: the same results in the same order, whatever the number of processes."""

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor

from faces.core.progress import progress_bar
from faces.core.threads import cores

WORTH_A_POOL = 300  # jobs; below, starting processes takes longer than they save


def spread(
    function: Callable,
    jobs: Sequence,
    title: str,
    progress: bool = True,
    processes: int | None = None,
) -> list:
    """[function(job) for job in jobs], over `processes` (None: as many as pay)."""
    if processes is None:
        processes = cores() if len(jobs) > WORTH_A_POOL else 1
    bar = {"total": len(jobs), "desc": title, "unit": " faces", "disable": not progress}
    if processes == 1:
        return list(progress_bar(map(function, jobs), **bar))
    # Fresh processes: a forked copy of one that runs TensorFlow can hang.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        return list(progress_bar(pool.map(function, jobs, chunksize=16), **bar))
