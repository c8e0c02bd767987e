"""Kaggle's official client: signed in, asked again where that may help, its errors in words."""

import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from faces.core.errors import UserError, plain

WAITS = (2, 8, 30)  # seconds before another try; the client itself does not try again
LONGEST_WAIT = 120  # seconds; Kaggle may ask for more, but nobody sits before a screen for it
PATIENCE = 300  # seconds after which nothing is tried again
SILENCE = 120  # seconds without a byte from Kaggle
KEY_HELP = (
    "On kaggle.com, Settings, create an API token; put it into ~/.kaggle/access_token, or an older "
    "kaggle.json into ~/.kaggle, or set KAGGLE_USERNAME and KAGGLE_KEY."
)
NAMES_HELP = "Look at the names under kaggle: in params.yaml, or try again later."
LATER = "Check the network and try again later."


class Incomplete(Exception):
    """Say that what came, or went, is not whole: worth another try."""


def has_credentials() -> bool:
    """Whether there is anything that the client could sign in with."""
    env = os.environ
    if env.get("KAGGLE_API_TOKEN") or (env.get("KAGGLE_USERNAME") and env.get("KAGGLE_KEY")):
        return True
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 (Path.home() fails where there is none)
    config = Path(env.get("XDG_CONFIG_HOME") or home / ".config")
    folders = [home / ".kaggle", config / "kaggle"]
    if env.get("KAGGLE_CONFIG_DIR"):
        folders.insert(0, Path(env["KAGGLE_CONFIG_DIR"]))
    names = ("kaggle.json", "access_token", "credentials.json")
    return any((folder / name).is_file() for folder in folders for name in names)


def client(instead: str = ""):
    """The official client, signed in.

    Args:
        instead: what else can be done without credentials, a sentence.

    Raises:
        UserError: there are no credentials, they cannot be read, or Kaggle cannot be reached.
    """
    import requests

    help_ = f"{KEY_HELP} {instead}".strip()
    if not has_credentials():
        raise UserError("Kaggle credentials", "none", help_)
    try:
        with quiet():  # importing it prints help, and signing in without a key ends the program
            from kaggle.api.kaggle_api_extended import KaggleApi

            api = KaggleApi()
            api.authenticate()
    except ImportError as error:
        todo = "Install it: pip install -r requirements.txt."
        raise UserError("the package kaggle", str(error), todo) from error
    except (requests.ConnectionError, requests.Timeout) as error:
        reason = f"a broken connection ({type(error).__name__})"
        raise UserError("to sign in at Kaggle", reason, LATER) from None
    except (SystemExit, Exception) as error:
        reason = f"ones that cannot be used ({type(error).__name__})"
        raise UserError("Kaggle credentials", reason, help_) from None
    return api


@contextlib.contextmanager
def quiet(silence: float | None = None) -> Iterator[list[str]]:
    """Run the client without what it prints, and with an end to its patience.

    What it yields fills with the addresses that are asked, in their order.

    It prints and logs addresses that are as good as a password for an hour, and it would wait
    for ever for a server that accepts a connection and says nothing.

    Args:
        silence: seconds without a byte that are too many; `SILENCE` unless given.
    """
    import requests

    send, log = requests.Session.send, logging.getLogger("urllib3")
    level, asked = log.level, []

    def send_in_time(self, request, **options):
        asked.append(request.url)
        options["timeout"] = options.get("timeout") or silence or SILENCE
        return send(self, request, **options)

    requests.Session.send = send_in_time
    log.setLevel(logging.CRITICAL)
    try:
        with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
            yield asked
    finally:
        requests.Session.send = send
        log.setLevel(level)


def attempt(
    api,
    call: Callable[[], object],
    what: str,
    permission: str,
    harmless: Callable[[list[str]], bool] = lambda asked: True,
):
    """Call Kaggle; try again after 429, 5xx, broken connections and half answers.

    Args:
        api: from `client`. what: what is asked for. permission: what to do where access is denied.
        harmless: whether another try can do no harm once these addresses have been asked; if
            not, the error is raised as it is.

    Raises:
        UserError: another answer, or none after the last try.
        OSError: a file cannot be written, or read.
    """
    import requests

    started, todo = time.monotonic(), LATER
    for wait in (*WAITS, None):
        asked = []
        try:
            with quiet() as asked:
                return call()
        except requests.HTTPError as error:
            status = status_of(error)
            if status != 429 and status < 500:
                raise refusal(status, said(error, api), what, permission) from None
            if status != 429 and not harmless(asked):
                raise
            reason, least = f"status {status}", retry_after(error)
        except (requests.RequestException, ConnectionError, TimeoutError) as error:
            if not harmless(asked):
                raise
            reason, least = f"a broken connection ({type(error).__name__})", 0
        except Incomplete as error:
            reason, least = str(error), 0
        except Exception as error:  # the client's own checks: of names, of sizes
            if isinstance(error, (OSError, UserError)) or not harmless(asked):
                raise
            reason = without_secrets(f"{type(error).__name__}: {error}", api)
            raise UserError(f"{what} from Kaggle", reason, NAMES_HELP) from None
        if wait is None or time.monotonic() - started > PATIENCE:
            break
        wait = min(max(wait, least), LONGEST_WAIT)
        print(f"Kaggle: {plain(reason)}; again in {wait:g} s", flush=True)
        time.sleep(wait)
    raise UserError(f"{what} from Kaggle", reason, todo)


def status_of(error) -> int:
    """The status of an HTTPError: the answer's own, or the one that its JSON names instead."""
    if error.response is None:
        return 0
    status = error.response.status_code
    return status if status >= 400 else int(error.response.json()["code"])


def retry_after(error) -> float:
    """How many seconds Kaggle asks us to wait; 0 if it does not say."""
    text = error.response.headers.get("Retry-After", "") if error.response is not None else ""
    return float(text) if text.isascii() and text.isdigit() else 0


def said(error, api) -> str:
    """The words in Kaggle's answer, if there are any."""
    try:
        message = error.response.json()["message"]
    except (AttributeError, ValueError, KeyError, TypeError):
        return ""
    return without_secrets(plain(str(message), 300), api)


def without_secrets(text: str, api) -> str:
    """The text without the user's name and key, should an answer repeat them."""
    names = (api.CONFIG_NAME_USER, api.CONFIG_NAME_KEY, api.CONFIG_NAME_TOKEN)
    for secret in (api.config_values.get(name) for name in names):
        text = text.replace(str(secret), "...") if secret else text
    return text


def refusal(status: int, words: str, what: str, permission: str) -> UserError:
    """Explain an answer that another try would not change."""
    reason = f"status {status}"
    if status == 401:
        return UserError("Kaggle credentials that it accepts", reason, KEY_HELP)
    if status == 403:
        return UserError(f"access to {what}", reason, permission)
    if status == 404:
        return UserError(f"{what} at Kaggle", f"{reason}, no such name", NAMES_HELP)
    return UserError(f"an answer for {what}", f"{reason} {words}".strip(), "Try again later.")
