"""Measure rows of the table, all or some: `make bench`, `make bench ROWS=ingest,photos`."""

import argparse
import importlib

from bench import report
from stages import errors
from stages.errors import UserError

# In this order, in the table too: `training` chooses the device before `predict` computes. A row is
# a module here: `measure(share) -> list[report.Line]`.
ROWS = ("ingest", "photos", "start", "scale", "training", "predict")


def main() -> None:
    arguments = parse()
    unknown = sorted(set(arguments.rows) - set(ROWS))
    if unknown:
        raise UserError(f"rows among {', '.join(ROWS)}", ", ".join(unknown), "Name one of these.")
    for row in arguments.rows or ROWS:
        print(f"{row} ...", flush=True)
        lines = importlib.import_module(f"bench.{row}").measure(arguments.share)
        for line in lines:
            print("  " + line.text(), flush=True)
        if arguments.share == 1:
            report.update(row, lines, ROWS)
    if arguments.share < 1:
        print("Only a share of the data was measured: docs/benchmarks.md is as it was.")


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rows", nargs="*", help=f"among {', '.join(ROWS)}; none: all of them")
    parser.add_argument("--share", type=float, default=1, help="of the data, for a quick look")
    return parser.parse_args()


if __name__ == "__main__":
    errors.run(main, timed=False)
