"""A kernel at Kaggle through its official client: quota, push, status, log."""

import itertools
import json
import re
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from faces.core.errors import UserError, plain
from faces.kernel.state import FAILED, SENT, Run
from faces.sources import kaggle_client

CREATION = "SaveKernel"  # the one request that starts a run
LOOKS = (2, 5, 10, 15)  # seconds before each of the first looks at the status; then:
LATER_LOOKS = 30
LOOKS_IN_VAIN = 60  # one after the other, before we give up: half an hour
GLANCE, LISTEN = 4, 10  # seconds without a line, and at most, for the log of a run
LINES = 15  # of the log of a run that failed
VERIFY = "Verify your phone at https://www.kaggle.com/settings"
WITHOUT = "or go without: ACCELERATOR=none (slower)"
GO_ON = "`make kernel` goes on from here."
UNDER_WAY = ("QUEUED", "RUNNING")
OVER = ("COMPLETE", "ERROR", "CANCEL_ACKNOWLEDGED")
# Words in Kaggle's refusals, and what to do.
ADVICE = (
    (("phone", "verif"), f"{VERIFY}, {WITHOUT}; for no internet: --offline."),
    (("session count", "sessions"), "Wait until one of your other runs ends, then run it again."),
    (("quota",), f"Wait for the next week's hours, {WITHOUT}."),
    (("not found",), "Choose another title: ARGS=\"--title 'Faces on a T4'\"."),
)


def rules(competition: str) -> str:
    return f"Accept its rules at https://www.kaggle.com/competitions/{competition}/rules first."


def owner(api) -> str:
    """The name of the account.

    Raises:
        UserError: the credentials do not say.
    """
    name = api.config_values.get(api.CONFIG_NAME_USER)
    if not name:
        raise UserError("the account's name", "none", "Set KAGGLE_USERNAME.")
    return name


def check_quota(api) -> str:
    """How many hours of GPU are left this week, in words; "" where Kaggle does not say.

    Raises:
        UserError: none.
    """
    try:
        with kaggle_client.quiet():
            answer = api.quota_view()
        quota = answer.gpu_quota
        used, whole = (
            t.total_seconds() / 3600 for t in (quota.time_used, quota.total_time_allowed)
        )
    except Exception:  # not every account is told, and an older client cannot ask
        return ""
    new = answer.quota_refresh_time
    until = f"{new:%Y-%m-%d %H:%M} UTC" if new else "next week"
    if whole <= 0:
        raise UserError("hours of GPU at Kaggle", "none at all", f"{VERIFY}, {WITHOUT}.")
    if used >= whole:
        received = f"{used:.1f} of {whole:.1f} used"
        raise UserError("hours of GPU left", received, f"New ones come {until}; {WITHOUT}.")
    return f"{whole - used:.1f} of {whole:.0f} hours of GPU left until {until}"


def push(api, folder: Path, run: Run, settings: dict) -> Run:
    """Send the folder; it is never sent twice where it may have arrived: each run costs hours.

    Raises:
        UserError: Kaggle refuses it, or it is not sure to have arrived.
    """
    import requests

    run = run.now()
    permission = " ".join(rules(c) for c in settings["competitions"]) or f"{VERIFY}."
    ask = partial(
        kaggle_client.attempt, api, what=f"the kernel {run.kernel}", permission=permission
    )
    try:
        answer = ask(lambda: api.kernels_push(str(folder)), harmless=uncounted)
    except UserError:
        run.now(phase=FAILED)
        raise
    except Exception as error:
        if isinstance(error, OSError) and not isinstance(error, requests.RequestException):
            raise
        if not arrived(api, run):
            received = f"no clear answer ({type(error).__name__})"
            todo = f"Run it again: it looks first. Or look at {run.page}."
            raise UserError("Kaggle's word that the kernel has arrived", received, todo) from None
        return run.now(phase=SENT)
    if answer.error:
        run.now(phase=FAILED)
        said = kaggle_client.without_secrets(plain(answer.error, 300), api)
        raise UserError("Kaggle to take the kernel", said, advice(said))
    run = run.now(phase=SENT, **address(answer, run))
    lacking = [*(answer.invalid_competition_sources or []), *(answer.invalid_dataset_sources or [])]
    if lacking:
        run.now(phase=FAILED)
        todo = f"{permission} The names stand under kaggle: in params.yaml. Then run it again."
        raise UserError("the kernel's sources", f"not {', '.join(map(plain, lacking))}", todo)
    return run


def address(answer, run: Run) -> dict:
    """Where Kaggle says the kernel is: it may have given it another name than its title's."""
    words = [w for w in (answer.url or "").split("?")[0].split("/") if w]
    named = "/".join(words[words.index("code") + 1 :][:2]) if "code" in words else ""
    kernel = named if named.count("/") == 1 else run.kernel
    page = f"https://www.kaggle.com/code/{kernel}"
    return {"kernel": kernel, "url": page, "version": int(answer.version_number or 0)}


def advice(said: str) -> str:
    """Say what to do about a refusal."""
    for words, todo in ADVICE:
        if any(word in said.lower() for word in words):
            return todo
    return "Look at https://www.kaggle.com/work/code, or try again later."


def uncounted(asked: list[str]) -> bool:
    """Whether nothing that was asked for can have started a run."""
    return not any(CREATION in address for address in asked)


def arrived(api, run: Run) -> bool:
    """Whether the kernel at Kaggle is what we sent: its source has our mark."""
    from kagglesdk.kernels.types.kernels_api_service import ApiGetKernelRequest

    request = ApiGetKernelRequest()
    request.user_name, request.kernel_slug = run.kernel.split("/")
    for wait in LOOKS[:3]:
        time.sleep(wait)
        try:
            with kaggle_client.quiet(), api.build_kaggle_client() as kaggle:
                found = kaggle.kernels.kernels_api_client.get_kernel(request)
            return run.id in (found.blob.source or "")
        except Exception:  # noqa: S112 not there, or not to be asked just now: look again
            continue
    return False


def status(api, run: Run) -> tuple[str, str]:
    """The run's status, and why it failed; "" for both where Kaggle cannot be asked just now."""
    try:
        with kaggle_client.quiet():
            answer = api.kernels_status(run.kernel)
        return answer.status.name, kaggle_client.without_secrets(answer.failure_message or "", api)
    except Exception as error:  # the network, a busy server, a kernel that is not listed yet
        return "", type(error).__name__


def log(api, run: Run) -> list[str]:
    """The lines of the run's log so far; none where Kaggle does not give them."""
    events = heard(api, run) or stored(api, run)
    lines = "".join(text if text.endswith("\n") else f"{text}\n" for text in events)
    return [plain(line.rstrip(), 300) for line in lines.splitlines() if line.strip()]


def heard(api, run: Run) -> list[str]:
    """Read the stream of the log for a few seconds: it comes from the start each time."""
    found, started = [], time.monotonic()
    try:
        with kaggle_client.quiet(silence=GLANCE):
            for event in api.kernels_logs_stream(run.kernel):
                found.append(str(event.get("data", "")))
                if time.monotonic() - started > LISTEN:
                    break
    except Exception:  # it ends in a time-out while the run goes on
        return found
    return found


def stored(api, run: Run) -> list[str]:
    """The log that Kaggle keeps of a run: JSON, or text."""
    try:
        with kaggle_client.quiet():
            text = api.kernels_logs(run.kernel)
    except Exception:
        return []
    try:
        return [str(entry["data"]) for entry in json.loads(text)]
    except (ValueError, KeyError, TypeError):
        return [text]


def looks() -> Iterator[float]:
    """Seconds before each look at the status, without end: a queue may take hours."""
    return itertools.chain(LOOKS, itertools.repeat(LATER_LOOKS))


def wait(api, run: Run, fresh: bool = False) -> None:
    """Wait for the end of the run; print its status where it changes, with the log's last line.

    Args:
        fresh: it was sent just now. Kaggle may still tell of the version before: that an end is its
            own is believed once it was seen under way, or after the first looks.

    Raises:
        UserError: it failed, was stopped, or Kaggle cannot be asked for half an hour.
        KeyboardInterrupt: after a line on how to go on.
    """
    started, said, vain = time.monotonic(), "", 0
    try:
        for number, pause in enumerate(looks()):
            time.sleep(pause)
            state, why = status(api, run)
            vain = 0 if state else vain + 1
            fresh = fresh and number < len(LOOKS) and state not in UNDER_WAY
            if vain > LOOKS_IN_VAIN:
                received = f"none for half an hour ({why})"
                raise UserError(f"an answer about {run.kernel} from Kaggle", received, GO_ON)
            if state in OVER and not fresh:
                break
            line = words(state, [] if state in ("", "QUEUED") else log(api, run), why)
            if line != said:
                minutes = int(time.monotonic() - started) // 60
                print(f"{minutes // 60}:{minutes % 60:02}  {line}", flush=True)
                said = line
    except KeyboardInterrupt:
        print(f"Kaggle runs it without us: {run.page}. {GO_ON}", flush=True)
        raise
    if state != "COMPLETE":
        fail(api, run, state, why)


def words(state: str, lines: list[str], why: str) -> str:
    """A line about the run's status."""
    if not state:
        return f"Kaggle cannot be asked just now ({why}); it goes on there"
    if state == "QUEUED" or state in OVER:
        return "queued at Kaggle, for hours at times: Ctrl-C is safe, `make kernel` waits on"
    return f"{state.lower().replace('_', ' ')}: {lines[-1]}" if lines else state.lower()


def fail(api, run: Run, state: str, why: str) -> None:
    """Print the end of the log, and raise what to make of it."""
    run.now(phase=FAILED)
    lines = log(api, run)
    print("\n".join(f"  {line}" for line in lines[-LINES:]), flush=True)
    if state.startswith("CANCEL"):
        raise UserError("the kernel to run to its end", "it was stopped", "Run it again.")
    reason = " ".join(filter(None, [plain(why), cause(lines)])) or "no reason given"
    todo = f"See {run.page}, mend it, and run it again."
    raise UserError("the kernel to run to its end", f"an error. {reason}", todo)


def cause(lines: list[str]) -> str:
    """The line of a log that says why it ended: the last that names an error, or the last.

    >>> cause(["a.b.Refused: Expected a GPU.", "[NbConvertApp] done"])
    'Expected a GPU.'
    """
    for line in reversed(lines):
        if match := re.match(
            r"(?:error|[\w.]*(?:Error|Refused|Exception|Interrupt))\b:? *(.*)", line
        ):
            return line if match[0].startswith("error") or "Refused" not in line else match[1]
    return lines[-1] if lines else ""
