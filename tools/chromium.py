"""`make test-app`: a Chromium for the tests of the page; `python -m tools.chromium` sets it up."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
INSTALL = ("apt-get", "install", "--yes", "--no-install-recommends", "chromium", "fonts-noto-cjk")
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


def main() -> int:
    if not find() and can_install():
        subprocess.run(["apt-get", "update", "--quiet"], check=False)  # noqa: S607
        subprocess.run(INSTALL, check=False)  # noqa: S603
    if found := find():
        print(f"browser: {found}")
        return 0
    print(f"error: Expected a Chromium. Received: none. {TODO}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
