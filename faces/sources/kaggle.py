"""Archives from Kaggle, through its official client."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from faces.core.errors import UserError
from faces.core.tasks import ARCHIVES
from faces.data.archives import check_members, open_zip
from faces.sources.kaggle_client import Incomplete, attempt, client


def download(names: dict, arrived: Path) -> None:
    """Put both archives into the folder `arrived`.

    Args:
        names: `competition` and `dataset`, as in Kaggle's addresses.

    Raises:
        UserError: no credentials, rules not accepted, a name that Kaggle does not know, or no
            whole archive after several tries.
        OSError: a file cannot be written.
    """
    api = client("Or set source: sample, which needs no account.")
    competition, dataset = names["competition"], names["dataset"]
    options = {"force": True, "quiet": not sys.stderr.isatty()}  # a bar where somebody looks
    save(
        api,
        lambda folder: api.competition_download_files(competition, path=folder, **options),
        arrived / ARCHIVES["keypoints"],
        f"the competition {competition}",
        f"Accept its rules at https://www.kaggle.com/competitions/{competition}/rules first.",
    )
    save(
        api,
        lambda folder: api.dataset_download_files(dataset, path=folder, unzip=False, **options),
        arrived / ARCHIVES["gender"],
        f"the data set {dataset}",
        f"Look at https://www.kaggle.com/datasets/{dataset} whether you may use it.",
    )


def save(api, call: Callable[[str], object], path: Path, what: str, permission: str) -> None:
    """Save at `path` the one whole archive that the call downloads into a folder.

    Each try starts in an empty folder: the client goes on with half a file that it finds, or
    takes it for the whole, even if it is an error page.

    Args:
        call: takes the folder; what it names the file there depends on Kaggle's answer.
        what: what is asked for. permission: what to do where access is denied.

    Raises:
        UserError: as `attempt`, or what comes is no whole archive, again and again.
    """
    folder = path.with_suffix("")

    def fetch() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            call(str(folder))
        except ValueError as error:  # its own comparison of sizes, after a broken connection
            if any(folder.iterdir()):
                raise Incomplete(str(error)) from None
            raise
        os.replace(whole_archive(folder, what), path)

    attempt(api, fetch, what, permission)
    shutil.rmtree(folder)


def whole_archive(folder: Path, what: str) -> Path:
    """The one archive in the folder, all of whose members are as their CRCs say.

    Raises:
        Incomplete: there is none.
    """
    files = (p for p in folder.rglob("*") if p.is_file())
    came = sorted(p for p in files if p.suffix != ".kaggle-partial")  # the client's own notes
    if len(came) != 1:
        raise Incomplete(", ".join(p.name for p in came) or "no file")
    with came[0].open("rb") as stream:
        if stream.read(200).lstrip().startswith(b"<"):
            raise Incomplete("a web page in place of an archive")
    try:
        with open_zip(came[0]) as archive:
            check_members(archive, what)
    except UserError as error:
        raise Incomplete(f"no whole archive: {error.received}") from None
    return came[0]
