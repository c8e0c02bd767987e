"""Archives from Kaggle, through its official client."""

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

from stages.errors import UserError
from stages.tasks import ARCHIVES

WAITS = (2, 8, 30)  # seconds before another try; the client itself does not try again
KEY_HELP = (
    "On kaggle.com, Settings, create an API token; put kaggle.json into ~/.kaggle, or set "
    "KAGGLE_USERNAME and KAGGLE_KEY. Or set source: sample, which needs no account."
)


def download(names: dict, arrived: Path) -> None:
    """Put both archives into the folder `arrived`.

    Args:
        names: `competition` and `dataset`, as in Kaggle's addresses.

    Raises:
        UserError: no credentials, rules not accepted, a name that Kaggle does not know, or no
            answer after several tries.
    """
    api = client()
    competition, dataset = names["competition"], names["dataset"]
    attempt(
        lambda: api.competition_download_files(competition, path=str(arrived), force=True),
        f"the competition {competition}",
        f"Accept its rules at https://www.kaggle.com/competitions/{competition}/rules first.",
    )
    attempt(
        lambda: api.dataset_download_files(dataset, path=str(arrived), force=True, unzip=False),
        f"the data set {dataset}",
        f"Look at https://www.kaggle.com/datasets/{dataset} whether you may use it.",
    )
    for task, name in (("keypoints", competition), ("gender", dataset.rsplit("/", 1)[-1])):
        came = arrived / f"{name}.zip"
        if not came.is_file():
            raise UserError(f"{came.name} from Kaggle", "no such file", "Run it again.")
        os.replace(came, arrived / ARCHIVES[task])


def has_credentials() -> bool:
    """Whether there is anything that the client could sign in with."""
    env = os.environ
    if env.get("KAGGLE_API_TOKEN") or (env.get("KAGGLE_USERNAME") and env.get("KAGGLE_KEY")):
        return True
    folders = [Path.home() / ".kaggle", Path.home() / ".config" / "kaggle"]
    if env.get("KAGGLE_CONFIG_DIR"):
        folders.insert(0, Path(env["KAGGLE_CONFIG_DIR"]))
    names = ("kaggle.json", "access_token", "credentials.json")
    return any((folder / name).is_file() for folder in folders for name in names)


def client():
    """The official client, signed in.

    Raises:
        UserError: there are no credentials, or they cannot be read.
    """
    if not has_credentials():
        raise UserError("Kaggle credentials", "none", KEY_HELP)
    try:
        # Importing it prints help, and signing in without a key ends the program.
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            from kaggle.api.kaggle_api_extended import KaggleApi

            api = KaggleApi()
            api.authenticate()
    except (SystemExit, Exception) as error:
        reason = f"ones that cannot be used ({type(error).__name__})"
        raise UserError("Kaggle credentials", reason, KEY_HELP) from None
    return api


def attempt(call: Callable[[], object], what: str, permission: str) -> None:
    """Make the call; try again after 429, 5xx and broken connections.

    Args:
        what: what is asked for. permission: what to do where access is denied.
    """
    import requests

    for wait in (*WAITS, None):
        try:
            call()
            return
        except requests.HTTPError as error:
            status = error.response.status_code if error.response is not None else 0
            reason = f"status {status}"
            if status == 401:
                raise UserError("Kaggle credentials that it accepts", reason, KEY_HELP) from None
            if status == 403:
                raise UserError(f"access to {what}", reason, permission) from None
            if status == 404:
                todo = "Correct the name under kaggle: in params.yaml."
                raise UserError(f"{what} at Kaggle", f"{reason}, no such name", todo) from None
            if status != 429 and status < 500:
                raise UserError(f"an answer for {what}", reason, "Try again later.") from None
        except (requests.RequestException, OSError) as error:
            reason = f"a broken connection ({type(error).__name__})"
        if wait is not None:
            print(f"Kaggle: {reason}; again in {wait} s")
            time.sleep(wait)
    raise UserError(f"{what} from Kaggle", reason, "Check the network and try again later.")
