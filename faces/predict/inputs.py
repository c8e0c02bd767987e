"""Which photos and videos the words of a command line mean."""

import glob
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from faces.core.command import at_home
from faces.data.photos import LARGEST_FILE, PhotoFault, formats


def expand(words: list[str]) -> Iterator[str]:
    """Paths in the order given: a folder's photos, sorted, its folders too; a glob's matches.

    A word that means nothing that is there is handed on as it is: its entry says so.
    """
    for word in map(at_home, words):
        if is_folder(word):
            found = False
            for photo in photos_in(Path(word)):
                found = True
                yield photo
            if not found:
                yield word
        elif glob.has_magic(word) and not os.path.lexists(word):
            # Also where no shell has done it: in quotes, on Windows, from another program.
            matches = sorted(glob.glob(word, recursive=True))  # noqa: PTH207 (absolute patterns too)
            yield from expand(matches) if matches else [word]
        else:
            yield word


def photos_in(folder: Path) -> Iterator[str]:
    """Photos in a folder and its folders, sorted by path, those that are linked too.

    So are pictures of kinds that are not read, and folders that cannot be looked into: their
    entries say so. Hidden files and other kinds are passed over; videos are counted on stderr.
    """
    found = sorted(formats.files_below(folder, patient=True))
    for path in found:
        if formats.is_picture(path.name) or path.is_dir():
            yield str(path)
    videos = sum(formats.is_video(path.name) for path in found)
    if videos:
        some = "a video" if videos == 1 else f"{videos} videos"
        print(f"{folder}: {some} left out; name videos to have them answered.", file=sys.stderr)


def is_folder(word: str) -> bool:
    """Whether a folder of that name is there. No name at all is none: it may be a mistake."""
    try:
        return bool(word) and Path(word).is_dir()
    except (OSError, ValueError):  # a name that no file can have, a folder that is not ours
        return False


def is_video(path: str) -> bool:
    """Whether the name is that of a video file."""
    return formats.is_video(path) and not is_folder(path)


def read_file(path: str) -> bytes:
    """The file's content; a `PhotoFault` if there is none to be had."""
    if not path:
        raise PhotoFault("an empty name")
    with faults_in_words():
        if Path(path).is_dir():
            list(Path(path).iterdir())  # where it may not be looked into
            raise PhotoFault("a folder without photos")
        check_kind(path)
        if Path(path).stat().st_size > LARGEST_FILE:
            raise PhotoFault(f"a file of over {LARGEST_FILE / 1e6:.0f} MB")
        return Path(path).read_bytes()


def check_kind(path: str) -> None:
    """Raise a `PhotoFault` for a device or a pipe, which may have no end."""
    if Path(path).exists() and not Path(path).is_file():
        raise PhotoFault("not a file")


@contextmanager
def faults_in_words() -> Iterator[None]:
    """Turn what the system says of a file that cannot be read into a `PhotoFault`."""
    try:
        yield
    except PhotoFault:
        raise
    except FileNotFoundError:
        raise PhotoFault("no such file") from None
    except OSError as error:
        raise PhotoFault(f"cannot be read ({error.strerror})") from None
    except ValueError as error:  # a name that no file can have
        raise PhotoFault(f"cannot be read ({error})") from None
