"""`make kernel`: send the pipeline to Kaggle, wait, and bring its outputs home."""

import argparse
import sys
from pathlib import Path

from faces import summary
from faces.core import command, errors, params, running
from faces.core.errors import UserError
from faces.kernel import home, pack, run, state
from faces.sources import kaggle_client

PUSHED, PARAMS = state.FOLDER / "push", Path("params.yaml")
KEYS = ["kaggle.competition"]


def main() -> None:
    asked = parse()
    if asked.last:
        follow(kaggle_client.client(), unfinished())
        return
    package = pack.package(options(asked))
    if paths := pack.uncommitted():
        listed = ", ".join(paths[:8]) + (" ..." if len(paths) > 8 else "")
        print(f"note: uncommitted changes are not sent: {errors.plain(listed)}")
    api = kaggle_client.client()
    last = state.last()
    same = last is not None and last.content == package.content
    if asked.anew or last is None:
        follow(api, send(api, package, last), fresh=True)
    elif same and last.phase == state.HOME:
        todo = f'It is at {last.page}. To run it once more: ARGS="--anew".'
        print(f"The same was run, and is home: version {last.version or '?'}. {todo}")
    elif same and is_there(api, last):
        print(f"goes on with {last.page}, version {last.version or '?'}")
        follow(api, last.now(phase=state.SENT))
    else:
        if is_there(api, last):
            refuse_second(api, last)
        follow(api, send(api, package, last), fresh=True)


def parse() -> argparse.Namespace:
    parser = command.Parser(prog="python -m faces.kernel", description=__doc__)
    parser.add_argument("-S", "--set-param", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--accelerator", default="", help="NvidiaTeslaT4 (default) ..., none")
    parser.add_argument("--backend", default="tensorflow", choices=["tensorflow", "jax"])
    parser.add_argument("--offline", action="store_true", help="a kernel without internet")
    parser.add_argument("--wheels", default="", metavar="OWNER/NAME", help="what it then installs")
    parser.add_argument("--title", default=pack.Options.title)
    parser.add_argument("--notebook", action="store_true", help="the notebook instead")
    parser.add_argument("--anew", action="store_true", help="send it, whatever was sent before")
    parser.add_argument("--last", action="store_true", help="wait for what was sent last")
    return parser.read(sys.argv[1:])


def options(asked: argparse.Namespace) -> pack.Options:
    return pack.Options(
        changes=tuple(asked.set_param),
        accelerator=asked.accelerator,
        internet=not (asked.offline or asked.wheels),
        wheels=asked.wheels,
        backend=asked.backend,
        title=asked.title,
        notebook=asked.notebook,
    )


def unfinished() -> state.Run:
    """The run that was sent last.

    Raises:
        UserError: there is none.
    """
    last = state.last()
    if last is None or last.phase == state.FAILED:
        raise UserError("a run that was sent", "none", "Leave out --last.")
    return last


def is_there(api, last: state.Run) -> bool:
    """Whether the run has arrived at Kaggle, and neither failed nor come home since."""
    return last.phase == state.SENT or (last.phase == state.SENDING and run.arrived(api, last))


def refuse_second(api, last: state.Run) -> None:
    """Raise a `UserError` if the run that was sent last still goes on, or has not come home."""
    found, _ = run.status(api, last)
    if found in ("ERROR", "CANCEL_ACKNOWLEDGED"):
        return
    has = "has ended, and is not home" if found == "COMPLETE" else "is not known to have ended"
    todo = 'Bring it home: ARGS="--last". Or send this all the same: ARGS="--anew".'
    raise UserError("no other run under way", f"{last.page}, which {has}", todo)


def send(api, package: pack.Package, last: state.Run | None) -> state.Run:
    """Write the folder and push it; the run, under way."""
    if package.settings["gpu"] and (left := run.check_quota(api)):
        print(left)
    number = last.number + 1 if last else 1
    id_ = state.mark(package.content, number)
    kernel, size = pack.write(PUSHED, package, run.owner(api), id_)
    text, mark = PARAMS.read_bytes() if PARAMS.is_file() else b"", home.sha256(PARAMS)
    known = text == package.committed_params or (last is not None and mark == last.brought)
    unchanged = mark if known else ""
    notebook = package.options.notebook
    sent = state.Run(package.content, number, kernel, unchanged, notebook=notebook)
    sent = run.push(api, PUSHED, sent, package.settings)
    print(
        f"sent {size / 1e3:.0f} KB, commit {package.settings['commit'] or 'none'}, to {sent.page}"
    )
    return sent


def follow(api, sent: state.Run, fresh: bool = False) -> None:
    """Wait for a run and bring it home."""
    run.wait(api, sent, fresh)
    if sent.notebook:
        home.bring_submission(api, sent, params.load(*KEYS)["competition"])
        return
    home.bring(api, sent)
    summary.main()


if __name__ == "__main__":
    running.run(main, timed=False)
