"""`make submit MESSAGE=...`: data/submission.csv, checked and sent to Kaggle, and its score."""

import re
import sys
import time
import warnings
from functools import partial
from pathlib import Path

import pandas as pd

from faces.core import errors, files, params, running
from faces.core.errors import UserError
from faces.core.paths import CLEAN, SUBMISSION
from faces.core.progress import progress_bar
from faces.keypoints.scoring.submission import check
from faces.sources import kaggle_client

KEYS = ["source", "kaggle.competition"]
LARGEST = 64 * 2**20  # bytes; Kaggle's has 0.4 MB
LOOKS = (1, 2, 5, 10, *[20] * 30)  # seconds before each look for the score: 10 minutes
LOOKS_FOR_TRACE = (2, 5, 10)  # and for a submission that may have arrived
CREATION = "CreateSubmission"  # the one request that counts as a submission
TODO = "Run `dvc repro`, or `make kernel`."


def main() -> None:
    message = message_in(sys.argv[1:])
    settings = params.load(*KEYS)
    competition = settings["competition"]
    lookup = files.load_arrays(CLEAN / "keypoints", "lookup")["lookup"]
    check(read(SUBMISSION), lookup[:, 0])
    if settings["source"] == "sample":
        print("note: source is sample; Kaggle scores answers for its own images", file=sys.stderr)
    api = kaggle_client.client()
    number = send(api, competition, message)
    print(f"{SUBMISSION}: {len(lookup):,} values submitted to {competition}, number {number}")
    try:
        print(score(api, competition, number))
    except KeyboardInterrupt as stop:
        kept = f"it is submitted, as number {number}: do not send it again. Its score will be at "
        raise errors.Stopped(kept=kept + page(competition)) from stop


def message_in(words: list[str]) -> str:
    """The message on the command line. What looks like an option is none: it is not sent.

    Raises:
        UserError: there is none.
    """
    if words in (["-h"], ["--help"]):
        print(__doc__)
        sys.exit(0)
    message = " ".join(words).strip()
    if not message or re.fullmatch(r"--?[a-z]\S*", words[0]):
        todo = 'Say what is new: make submit MESSAGE="wider network".'
        raise UserError("a message for Kaggle's list of submissions", message or "none", todo)
    return message


def read(path: Path) -> pd.DataFrame:
    """A submission: `RowId`, NaN where it is no number, and `Location`, as text.

    Raises:
        UserError: it is not there, or no table.
    """
    if not path.is_file():
        raise UserError(f"a submission at {path}", "no such file", TODO)
    if path.stat().st_size > LARGEST:
        received = f"{path.stat().st_size:,}"
        raise UserError(f"at most {LARGEST:,} bytes in {path}", received, TODO)
    try:
        with warnings.catch_warnings():
            # pandas only warns of a row with more cells than the header has names.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(path, index_col=False, dtype=str, keep_default_na=False)
    except (ValueError, pd.errors.ParserWarning) as error:
        raise UserError(f"{path} as comma separated text", str(error), TODO) from error
    if "RowId" in table:
        table["RowId"] = pd.to_numeric(table["RowId"], errors="coerce")
    return table


def page(competition: str) -> str:
    return f"https://www.kaggle.com/competitions/{competition}/submissions"


def send(api, competition: str, message: str) -> int:
    """Submit; the number that Kaggle gives the submission.

    Raises:
        UserError: Kaggle refuses it, or it is not sure to have arrived. It is not sent again
            where it may have arrived: a day allows few submissions.
    """
    import requests

    what = f"a submission to {competition}"
    rules = f"Accept its rules at https://www.kaggle.com/competitions/{competition}/rules first."
    ask = partial(kaggle_client.attempt, api, permission=rules)
    before = ask(lambda: listed(api, competition), what=f"the submissions to {competition}")
    try:
        answer = ask(lambda: submit(api, competition, message), what=what, harmless=uncounted)
        if answer.ref:
            return answer.ref
        reason = kaggle_client.without_secrets(answer.message or "no number", api)
    except UserError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and not isinstance(error, requests.RequestException):
            raise UserError(f"to read {SUBMISSION}", str(error), "Look at its rights.") from error
        reason = f"no clear answer ({type(error).__name__})"
    number = trace(api, competition, message, {entry.ref for entry in before})
    if number is None:
        todo = f"Look at {page(competition)} before you submit again."
        raise UserError(f"Kaggle's word that {what} has arrived", reason, todo)
    return number


def submit(api, competition: str, message: str):
    """The client's answer; `Incomplete` for the failure that it calls a success."""
    answer = api.competition_submit(str(SUBMISSION), message, competition, quiet=True)
    if answer.message == api.COMPETITION_SUBMIT_UPLOAD_FAILED_MESSAGE:
        raise kaggle_client.Incomplete("an upload that failed")
    return answer


def uncounted(asked: list[str]) -> bool:
    """Whether nothing that was asked for can count as a submission."""
    return not any(CREATION in address for address in asked)


def listed(api, competition: str) -> list:
    """Our last submissions, the newest first, as Kaggle lists them."""
    return [s for s in api.competition_submissions(competition) or [] if s is not None]


def trace(api, competition: str, message: str, before: set[int]) -> int | None:
    """The number of a submission with this message that was not there before; None without one."""
    for wait in LOOKS_FOR_TRACE:
        time.sleep(wait)
        for entry in look(api, competition):
            if entry.ref not in before and (entry.description or "").strip() == message:
                return entry.ref
    return None


def look(api, competition: str) -> list:
    """The same as `listed`, but for an empty list where Kaggle cannot be asked just now."""
    import requests

    try:
        with kaggle_client.quiet():
            return listed(api, competition)
    except (requests.RequestException, OSError, ValueError):
        return []


def score(api, competition: str, number: int) -> str:
    """Say what Kaggle makes of the submission, once it does, in a line.

    Raises:
        UserError: it could not be scored.
    """
    for wait in progress_bar(LOOKS, "wait for the score", unit="look", leave=False, disable=None):
        time.sleep(wait)
        entry = next((s for s in look(api, competition) if s.ref == number), None)
        if entry is not None and entry.status.name == "COMPLETE":
            public, private = entry.public_score or "none", entry.private_score or "none"
            return f"RMSE on Kaggle: public {public}, private {private} px"
        if entry is not None and entry.status.name == "ERROR":
            reason = entry.error_description or "an error without a description"
            raise UserError(
                "a submission that Kaggle can score", reason, f"See {page(competition)}"
            )
    return f"no score yet: it will be at {page(competition)}"


if __name__ == "__main__":
    running.run(main)
