"""From an archive of photos to the good ones: read, labelled, duplicates found."""

import zipfile
from collections.abc import Iterable

import imagehash
import numpy as np
import pandas as pd
from PIL import Image

from faces.core import engine
from faces.core.errors import UserError
from faces.core.params import by_class
from faces.core.progress import progress_bar
from faces.core.splitting import join_closest
from faces.data.archives import read_member
from faces.data.members import called, check_same, files_in, listed, readings
from faces.data.photos import LARGEST_FILE, PhotoFault, check_content, read_photo
from faces.data.photos.formats import is_hidden
from faces.gender.data.copies import SMALL, same_picture, same_scene
from faces.gender.data.labels import from_folders, from_table, read_labels, spellings

LABELS = "labels.csv"


def clean(archive: zipfile.ZipFile, settings: dict) -> tuple[tuple, pd.DataFrame, dict]:
    """The photos that can be used, and those that cannot.

    Args:
        archive: the archive, open; photos in folders named by class, however deep.
        settings: `clean`, a dict: `classes`: as `params.by_class` reads them;
            `alike_bits`: perceptual hashes that differ in at most this many of 64 bits may be
            the same photo; `min_side`: pixels.

    Returns:
        A table of the good photos: `file`, `label`, `alike` (photos with the same number are
        copies, other crops or mirror images of each other), with the class names in their order;
        a table `file`, `reason` of the others; counts.

    Raises:
        UserError: no photo has a label, or a class has none.
    """
    classes = by_class(settings["classes"])
    tables = called(archive, LABELS)
    members = [m for m in files_in(archive) if m not in tables]
    members.sort(key=lambda m: m.filename)
    named = [m for m in members if not is_hidden(m.filename)]
    labels, unmatched = labels_of(archive, named, tables, classes)
    contents = ((content_or_fault(archive, m), labels.get(m.filename), m.filename) for m in members)
    shared = {"min_side": settings["min_side"]}
    found = engine.in_order(look_or_fault, contents, "chunks of photos", shared=shared)
    good, dropped, looks = [], [], []
    bar = progress_bar(found, total=len(members), desc="read photos", unit="photo", leave=False)
    for member, look in zip(members, bar, strict=True):
        name = member.filename
        if isinstance(look, PhotoFault):
            dropped.append((name, str(look)))
        else:
            good.append((name, labels[name]))
            looks.append(look)
    photos = pd.DataFrame(good, columns=["file", "label"])
    photos["copies"], photos["alike"] = groups(looks, settings["alike_bits"])
    photos, double = without_two_labels(photos)
    dropped = pd.DataFrame([*dropped, *double], columns=["file", "reason"]).sort_values("file")
    sizes = photos["alike"].value_counts()
    counts = {
        "files": len(photos) + len(dropped),
        "kept": len(photos),
        "dropped": len(dropped),
        "by_class": by_label(photos, classes),
        "photos_with_a_copy": int(sizes[sizes > 1].sum()),
        "under_two_labels": len(double),
    }
    return (photos, list(classes)), dropped, {**counts, **unmatched}


def by_label(photos: pd.DataFrame, classes: Iterable[str]) -> dict[str, int]:
    """How many photos each class has; a `UserError` for one that has none."""
    counts = photos["label"].value_counts()
    for name in classes:
        if name not in counts.index:
            have = ", ".join(f"{k}: {v}" for k, v in counts.items()) or "no good photo"
            todo = f"Name its folder {name}, or add the folder's name to gender.clean.classes."
            raise UserError(f"photos of the class {name}", have, todo)
    return {name: int(counts[name]) for name in classes}


def labels_of(
    archive: zipfile.ZipFile, members: list, tables: list, classes: dict
) -> tuple[dict[str, str | None], dict[str, int]]:
    """The class of each member; None where nothing says.

    Args:
        members: of the archive, the photos. tables: of the archive, each labels.csv.

    Returns:
        The classes by name, and of a labels.csv how many of its lines name no photo, and how many
        photos have no line.

    Raises:
        UserError: nothing says it for any member, or two tables say different things.
    """
    meanings, paths = spellings(classes), {m.filename: readings(m) for m in members}
    if tables:
        return from_labels_csv(archive, tables, paths, meanings)
    found = {name: from_folders(spelt, meanings) for name, spelt in paths.items()}
    if not any(found.values()):
        folders = {spelt[0].rpartition("/")[0] or "(no folder)" for spelt in paths.values()}
        raise UserError(
            f"photos in folders named {' and '.join(classes)}, or a labels.csv",
            f"the folders {listed(folders, 5)}",
            "Sort the photos into such folders, or write a labels.csv with the columns file, "
            "label and name it in params.yaml (gender.labels).",
        )
    return found, {}


def from_labels_csv(
    archive: zipfile.ZipFile, tables: list, paths: dict, meanings: dict
) -> tuple[dict[str, str | None], dict[str, int]]:
    """The same from a labels.csv; what has no counterpart is said in a line.

    Args:
        paths: readings by the names of the photos. meanings: from `spellings`.

    Raises:
        UserError: as `labels_of`, or a fault in the table.
    """
    where = archive.filename or "the archive"
    check_same([(m.filename, (m.CRC, m.file_size)) for m in tables], LABELS, where)
    name = tables[0].filename
    table = read_labels(read_member(archive, tables[0]), meanings, name, paths)
    found, lines = from_table(paths, table, name)
    without = sum(label is None for label in found.values())
    if without == len(found):
        expected = f"lines of {name} that name photos of {where}"
        received = f"{listed(lines, 3)}, where the photos are {listed(found, 3)}"
        raise UserError(expected, received, "Write the photos' names as they are in the archive.")
    if lines:
        print(f"{name}: {len(lines)} of {len(table)} lines name no photo ({listed(lines, 5)})")
    if without:
        print(f"{name}: {without} of {len(found)} files have no line there and are left out")
    return found, {"lines_without_a_photo": len(lines), "files_without_a_line": without}


def look_or_fault(
    content: tuple[bytes | PhotoFault, str | None, str], min_side: int
) -> tuple[int, np.ndarray] | PhotoFault:
    """Call `look_at`; give what it found, or why it found nothing.

    Raises:
        UserError: nobody foresaw what is wrong; it names the photo.
    """
    data, label, name = content
    if isinstance(data, PhotoFault):
        return data
    hidden = is_hidden(name)  # nobody is asked for its label
    try:
        look = look_at(data, "" if hidden else label, min_side, name)
        return PhotoFault("a hidden file") if hidden else look
    except PhotoFault as fault:
        return fault
    except Exception as error:
        todo = "Take it out of the archive, or save it anew."
        received = f"{type(error).__name__}: {error}"
        raise UserError(f"a photo that can be read in {name}", received, todo) from error


def content_or_fault(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes | PhotoFault:
    """The content of a photo's file, or that it is larger than any photo that we read.

    Raises:
        UserError: the archive is damaged.
    """
    if member.file_size > LARGEST_FILE:
        return PhotoFault(f"a file of {member.file_size / 1e6:.0f} MB")
    return read_member(archive, member)


def look_at(
    data: bytes, label: str | None, min_side: int, name: str = ""
) -> tuple[int, np.ndarray]:
    """Perceptual hash (64 bits) and a small gray copy, uint8 (SMALL * SMALL,), of a photo.

    Args:
        name: of its file.

    Raises:
        PhotoFault: it cannot be used.
    """
    photo = read_photo(data, 4 * SMALL, name)
    check_content(photo, min_side)
    if label is None:
        raise PhotoFault("no label: neither a folder nor labels.csv names its class")
    bits = imagehash.phash(photo).hash.ravel()
    small = np.asarray(photo.convert("L").resize((SMALL, SMALL), Image.Resampling.BOX))
    return int(np.packbits(bits).view(">u8")[0]), small.ravel()


def groups(looks: list[tuple[int, np.ndarray]], bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Two numbers for each photo, int32 (n,) each: equal among copies, and among look-alikes.

    Look-alikes are copies, other crops and mirror images of a photo, and a few that only seem so:
    good enough to keep them on one side of a split, not to drop one.
    """
    if not looks:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    hashes = np.array([h for h, _ in looks], np.uint64)
    small = np.stack([s for _, s in looks])
    copies, likeness = same_picture(hashes, small, bits)
    scenes, scene_likeness = same_scene(small)
    both = np.concatenate([copies, scenes]), np.concatenate([likeness, scene_likeness])
    return join_closest(copies, likeness, len(looks)), join_closest(*both, len(looks))


def without_two_labels(photos: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """The photos without those whose copies stand under another label, and a list of these.

    Nobody can say which of the two labels is meant: such a photo is neither trained nor tested on.
    """
    n_labels = photos.groupby("copies")["label"].transform("nunique")
    double = []
    for _, group in photos[n_labels > 1].groupby("copies"):
        for file in group["file"]:
            others = " and ".join(f for f in group["file"] if f != file)
            double.append((file, f"the same photo under another label: {others}"))
    return photos[n_labels == 1].drop(columns="copies").reset_index(drop=True), double
