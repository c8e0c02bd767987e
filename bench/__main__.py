"""Measure rows of the page, all or some: `make bench`, `make bench ROWS=ingest,photos`."""

import importlib

from bench import report
from faces.core import command, running
from faces.core.errors import UserError


def main() -> None:
    """Measure each row; a module of that name has `measure(share) -> list[report.Line]`."""
    parser, known = command.Parser(prog="python -m bench", description=__doc__), report.ROWS
    parser.add_argument("rows", nargs="*", help=f"among {', '.join(known)}; none: all but accuracy")
    parser.add_argument("--share", type=float, default=1, help="of the data, for a quick look")
    arguments = parser.parse_args()
    if unknown := set(arguments.rows) - set(known):
        raise UserError(f"rows among {', '.join(known)}", ", ".join(unknown), "Name one of these.")
    for row in arguments.rows or known[:-1]:
        print(f"{row} ...", flush=True)
        lines = importlib.import_module(f"bench.{row}").measure(arguments.share)
        print(*(f"  {line.text()}" for line in lines), sep="\n", flush=True)
        if arguments.share == 1:
            report.update(row, lines)
    if arguments.share != 1:
        print(f"Only a share of the data was measured: {report.PAGE} is as it was.")


if __name__ == "__main__":
    running.run(main, timed=False)
