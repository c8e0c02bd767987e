"""`make chromium`: a browser for the tests of the page and the report."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
APT = ("apt-get", "--quiet", "--option", "Acquire::Retries=3")
UPDATE = (*APT, "update")
INSTALL = (*APT, "install", "--yes", "--no-install-recommends", "chromium", "fonts-noto-cjk")
WAITS = (0, 5, 30)  # seconds before each try: mirrors fail now and then, and what came is kept
TODO = (
    "Install one (Debian: apt-get install chromium fonts-noto-cjk; a Mac: Chrome), or name it: "
    "CHROMIUM=/path/to/it make test-app"
)


def find() -> str | None:
    """The path of a Chromium: the variable CHROMIUM, or else a usual place; None without one."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or next((place for place in PLACES if Path(place).is_file()), None)


def can_install() -> bool:
    """Whether this is a Debian or the like, and we may install there."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and bool(shutil.which("apt-get"))


def install() -> bool:
    """Install it from the system's packages, in several tries; whether one went well."""
    variables = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for wait in WAITS:
        time.sleep(wait)
        # An old list of packages may do where a new one cannot be had.
        subprocess.run(UPDATE, env=variables, check=False)  # noqa: S603
        if subprocess.run(INSTALL, env=variables, check=False).returncode == 0:  # noqa: S603
            return True
    return False


def main() -> int:
    if not find() and can_install():
        install()
    if found := find():
        print(f"browser: {found}")
        return 0
    print(f"error: Expected a Chromium. Received: none. {TODO}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
