"""From an archive of photos to the good ones: read, labelled, duplicates found."""

import zipfile

import imagehash
import numpy as np
import pandas as pd
from PIL import Image
from tqdm import tqdm

from stages.archives import read_member
from stages.errors import UserError
from stages.gender.labels import from_folders, from_table, read_labels, spellings
from stages.photos import LARGEST_FILE, PhotoFault, check_content, read_photo
from stages.splitting import join

LABELS = "labels.csv"
SMALL = 32
# Copies of one photo, re-encoded or resized, correlate above this; two photos hardly ever.
SAME_PICTURE = 0.97
HASH_BITS = 64


def clean(archive: zipfile.ZipFile, settings: dict) -> tuple[tuple, pd.DataFrame, dict]:
    """The photos that can be used, and those that cannot.

    Args:
        archive: the archive, open; photos in folders named by class, however deep.
        settings: `clean`, a dict: `classes`: {class: [other names of its folder]};
            `alike_bits`: perceptual hashes that differ in at most this many of 64 bits may be
            the same photo; `min_side`: pixels.

    Returns:
        A table of the good photos: `file`, `label`, `alike` (photos with the same number are
        copies of each other), with the class names in their order; a table `file`, `reason` of
        the others; counts.

    Raises:
        UserError: no photo has a label, or a class has none.
    """
    settings = settings["clean"]
    members = sorted((m for m in archive.infolist() if not m.is_dir()), key=lambda m: m.filename)
    labels = labels_of(archive, members, settings["classes"])
    good, dropped, looks = [], [], []
    for member in tqdm(members, desc="read photos", unit="photo", leave=False):
        name = member.filename
        if name.rsplit("/", 1)[-1] == LABELS:
            continue
        try:
            data = read_photo_file(archive, member)
            looks.append(look_at(data, labels[name], settings["min_side"]))
            good.append((name, labels[name]))
        except PhotoFault as fault:
            dropped.append((name, str(fault)))
    photos = pd.DataFrame(good, columns=["file", "label"])
    photos["alike"] = groups_of_copies(looks, settings["alike_bits"])
    photos, double = without_two_labels(photos)
    dropped = pd.DataFrame([*dropped, *double], columns=["file", "reason"]).sort_values("file")
    counts = photos["label"].value_counts()
    for name in settings["classes"]:
        if name not in counts.index:
            have = ", ".join(f"{k}: {v}" for k, v in counts.items()) or "no good photo"
            todo = f"Name its folder {name}, or add the folder's name to gender.clean.classes."
            raise UserError(f"photos of the class {name}", have, todo)
    sizes = photos["alike"].value_counts()
    return (
        (photos, list(settings["classes"])),
        dropped,
        {
            "files": len(photos) + len(dropped),
            "kept": len(photos),
            "dropped": len(dropped),
            "by_class": {name: int(counts[name]) for name in settings["classes"]},
            "photos_with_a_copy": int(sizes[sizes > 1].sum()),
            "under_two_labels": len(double),
        },
    )


def labels_of(archive: zipfile.ZipFile, members: list, classes: dict) -> dict[str, str | None]:
    """The class of each member; None where nothing says.

    Raises:
        UserError: nothing says it for any member.
    """
    meanings = spellings(classes)
    tables = [m for m in members if m.filename.rsplit("/", 1)[-1] == LABELS]
    if tables:
        table = read_labels(read_member(archive, tables[-1]), meanings, tables[-1].filename)
        found = {m.filename: from_table(m.filename, table) for m in members}
    else:
        found = {m.filename: from_folders(m.filename, meanings) for m in members}
    if not any(found.values()):
        folders = sorted({m.filename.rpartition("/")[0] or "(no folder)" for m in members})
        raise UserError(
            f"photos in folders named {' and '.join(classes)}, or a labels.csv",
            f"the folders {', '.join(folders[:5]) or '(none)'}",
            "Sort the photos into such folders, or write a labels.csv with the columns file, "
            "label and name it in params.yaml (gender.labels).",
        )
    return found


def read_photo_file(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The content of a photo's file.

    Raises:
        PhotoFault: it is larger than any photo that we read.
        UserError: the archive is damaged.
    """
    if member.file_size > LARGEST_FILE:
        raise PhotoFault(f"a file of {member.file_size / 1e6:.0f} MB")
    return read_member(archive, member)


def look_at(data: bytes, label: str | None, min_side: int) -> tuple[int, np.ndarray]:
    """Perceptual hash (64 bits) and a small gray copy (mean 0, length 1) of a photo.

    Raises:
        PhotoFault: it cannot be used.
    """
    photo = read_photo(data, draft=4 * SMALL)
    check_content(photo, min_side)
    if label is None:
        raise PhotoFault("no label: neither a folder nor labels.csv names its class")
    bits = imagehash.phash(photo).hash.ravel()
    small = np.asarray(photo.convert("L").resize((SMALL, SMALL), Image.Resampling.BOX), np.float32)
    small = small.ravel() - small.mean()
    return int(np.packbits(bits).view(">u8")[0]), small / max(np.linalg.norm(small), 1e-6)


def groups_of_copies(looks: list[tuple[int, np.ndarray]], bits: int) -> np.ndarray:
    """The same number for photos that are copies of each other: int32 (n,).

    Two photos count as copies if both their hashes and their small copies agree: a hash alone
    takes any two frontal portraits before a plain wall for one.
    """
    if not looks:
        return np.zeros(0, np.int32)
    hashes = np.array([h for h, _ in looks], np.uint64)
    small = np.stack([s for _, s in looks])
    pairs = [np.zeros((0, 2), np.int64)]
    for i, value in enumerate(hashes[:-1]):
        near = np.flatnonzero(np.bitwise_count(hashes[i + 1 :] ^ value) <= bits) + i + 1
        near = near[small[near] @ small[i] >= SAME_PICTURE]
        pairs.append(np.stack([np.full_like(near, i), near], axis=1))
    return join(np.concatenate(pairs), len(looks))


def without_two_labels(photos: pd.DataFrame) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """The photos without those whose copies stand under another label, and a list of these."""
    n_labels = photos.groupby("alike")["label"].transform("nunique")
    double = []
    for _, group in photos[n_labels > 1].groupby("alike"):
        for file in group["file"]:
            others = " and ".join(f for f in group["file"] if f != file)
            double.append((file, f"the same photo under another label: {others}"))
    return photos[n_labels == 1].reset_index(drop=True), double
