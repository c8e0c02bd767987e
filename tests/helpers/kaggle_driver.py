"""A stage run once in each folder, in one process that nobody has to wait for.

`python -m tests.helpers.kaggle_driver stages.download FOLDER...`: before each run, the server is
told to take up the next script. Waits between tries, ours and the client's, are left out; only a
server that never answers is waited for, a second each time. The words for the module's command
line are in DRIVER_WORDS, as JSON: a list for each folder.
"""

import contextlib
import importlib
import io
import json
import os
import sys
import time
import traceback

import requests

from faces.core import running
from faces.sources import kaggle_client
from tests.helpers.waiting import HANG


def run(module, folder: str, words: list[str]) -> dict:
    """Exit status, stdout and stderr of the stage's main in that folder."""
    os.chdir(folder)
    sys.argv = [module.__name__, *words]
    out, err, status = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            running.run(module.main)
        except SystemExit as end:
            status = end.code
        except BaseException:
            traceback.print_exc()
            status = "traceback"
    return {"status": status, "out": out.getvalue(), "err": err.getvalue()}


def main() -> None:
    name, *folders = sys.argv[1:]
    time.sleep = lambda seconds: None
    kaggle_client.WAITS = (0.01, 0.02)
    given = json.loads(os.environ.get("DRIVER_WORDS", "[]"))
    all_words = given or [["a message of the tests"]] * len(folders)
    module, results = importlib.import_module(name), []
    for folder, words in zip(folders, all_words, strict=True):
        kaggle_client.SILENCE = HANG
        with contextlib.suppress(requests.ConnectionError):
            silent = requests.get("http://localhost/next-case", timeout=HANG).text
            kaggle_client.SILENCE = 1 if silent else HANG
        results.append(run(module, folder, words))
    print(json.dumps(results))


if __name__ == "__main__":
    main()
