"""Archives from Kaggle, through its official client."""

import contextlib
import os
import shutil
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
NAMES_HELP = "Look at the names under kaggle: in params.yaml, or try again later."


def download(names: dict, arrived: Path) -> None:
    """Put both archives into the folder `arrived`.

    Args:
        names: `competition` and `dataset`, as in Kaggle's addresses.

    Raises:
        UserError: no credentials, rules not accepted, a name that Kaggle does not know, or no
            answer after several tries.
        OSError: a file cannot be written.
    """
    api = client()
    competition, dataset = names["competition"], names["dataset"]
    save(
        lambda folder: api.competition_download_files(competition, path=folder, force=True),
        arrived / ARCHIVES["keypoints"],
        f"the competition {competition}",
        f"Accept its rules at https://www.kaggle.com/competitions/{competition}/rules first.",
    )
    save(
        lambda folder: api.dataset_download_files(dataset, path=folder, force=True, unzip=False),
        arrived / ARCHIVES["gender"],
        f"the data set {dataset}",
        f"Look at https://www.kaggle.com/datasets/{dataset} whether you may use it.",
    )


def save(call: Callable[[str], object], path: Path, what: str, permission: str) -> None:
    """Save at `path` the one archive that the call downloads into a folder.

    Args:
        call: takes the folder; what it names the file there depends on Kaggle's answer.
        what: what is asked for. permission: what to do where access is denied.

    Raises:
        UserError: as `attempt`, or what came is not one archive.
    """
    folder = path.with_suffix("")
    folder.mkdir()
    attempt(lambda: call(str(folder)), what, permission)
    files = (p for p in folder.rglob("*") if p.is_file())
    came = sorted(p for p in files if p.suffix != ".kaggle-partial")  # the client's own notes
    if len(came) != 1 or came[0].suffix != ".zip":
        received = ", ".join(p.name for p in came) or "no file"
        raise UserError(f"one zip archive of {what} from Kaggle", received, NAMES_HELP)
    os.replace(came[0], path)
    shutil.rmtree(folder)


def has_credentials() -> bool:
    """Whether there is anything that the client could sign in with."""
    env = os.environ
    if env.get("KAGGLE_API_TOKEN") or (env.get("KAGGLE_USERNAME") and env.get("KAGGLE_KEY")):
        return True
    config = Path(env.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    folders = [Path.home() / ".kaggle", config / "kaggle"]
    if env.get("KAGGLE_CONFIG_DIR"):
        folders.insert(0, Path(env["KAGGLE_CONFIG_DIR"]))
    names = ("kaggle.json", "access_token", "credentials.json")
    return any((folder / name).is_file() for folder in folders for name in names)


def client():
    """The official client, signed in.

    Raises:
        UserError: there are no credentials, they cannot be read, or Kaggle cannot be reached.
    """
    import requests

    if not has_credentials():
        raise UserError("Kaggle credentials", "none", KEY_HELP)
    try:
        # Importing it prints help, and signing in without a key ends the program.
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            from kaggle.api.kaggle_api_extended import KaggleApi

            api = KaggleApi()
            api.authenticate()
    except ImportError as error:
        todo = "Install it: pip install -r requirements.txt."
        raise UserError("the package kaggle", str(error), todo) from error
    except (requests.ConnectionError, requests.Timeout) as error:
        reason = f"a broken connection ({type(error).__name__})"
        todo = "Check the network and try again later."
        raise UserError("to sign in at Kaggle", reason, todo) from None
    except (SystemExit, Exception) as error:
        reason = f"ones that cannot be used ({type(error).__name__})"
        raise UserError("Kaggle credentials", reason, KEY_HELP) from None
    return api


def attempt(call: Callable[[], object], what: str, permission: str) -> None:
    """Make the call; try again after 429, 5xx and broken connections.

    Args:
        what: what is asked for. permission: what to do where access is denied.

    Raises:
        UserError: another answer, or none after the last try.
        OSError: a file cannot be written.
    """
    import requests

    for wait in (*WAITS, None):
        try:
            call()
            return
        except requests.HTTPError as error:
            status = status_of(error)
            reason = f"status {status}"
            if status != 429 and status < 500:
                raise refusal(status, what, permission) from None
        except (requests.RequestException, ConnectionError, TimeoutError) as error:
            reason = f"a broken connection ({type(error).__name__})"
        except OSError:
            raise
        except Exception as error:  # the client's own checks: of names, of sizes
            reason = f"{type(error).__name__}: {error}"
            raise UserError(f"{what} from Kaggle", reason, NAMES_HELP) from error
        if wait is not None:
            print(f"Kaggle: {reason}; again in {wait} s")
            time.sleep(wait)
    raise UserError(f"{what} from Kaggle", reason, "Check the network and try again later.")


def status_of(error) -> int:
    """The status of an HTTPError: the answer's own, or the one that its JSON names instead."""
    if error.response is None:
        return 0
    status = error.response.status_code
    return status if status >= 400 else int(error.response.json()["code"])


def refusal(status: int, what: str, permission: str) -> UserError:
    """What to say about an answer that another try would not change."""
    reason = f"status {status}"
    if status == 401:
        return UserError("Kaggle credentials that it accepts", reason, KEY_HELP)
    if status == 403:
        return UserError(f"access to {what}", reason, permission)
    if status == 404:
        return UserError(f"{what} at Kaggle", f"{reason}, no such name", NAMES_HELP)
    return UserError(f"an answer for {what}", reason, "Try again later.")
