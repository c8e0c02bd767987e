"""Crop portraits as `predict` would, were their faces found in a larger photo."""

from collections.abc import Iterable
from itertools import islice

import numpy as np

from faces.core.progress import progress_bar
from faces.core.threads import in_order
from faces.data.photos import read_photo
from faces.detection import detector
from faces.detection.finding import DOUBT, framed, look
from faces.detection.models import Models

AT_ONCE = 64  # photos that the network is asked about together
TOGETHER = 4  # that a thread reads together


def realigned(
    contents: Iterable[bytes], number: int, models: Models
) -> tuple[np.ndarray, np.ndarray]:
    """The faces of so many photos, levelled, of one size and in one place.

    Each photo shows one face, which takes most of it. Where none is found in it, or the keypoint
    network doubts it, the photo is left out.

    Args:
        contents: of files that `read_photo` can read.

    Returns:
        uint8 (k, size, size, 3), and int (k,), which photos they are of, counted from 0.
    """
    size = models.size
    crops, owners = [np.empty((0, size, size, 3), np.uint8)], [np.empty(0, int)]

    def read(content: bytes) -> tuple[np.ndarray, np.ndarray]:
        copy, scale = detector.copy_of(image := np.asarray(read_photo(content)), detector.SIDE)
        return image, models.detector.poses(copy, [(0, 0)], scale)[:1]

    bar = progress_bar(total=number, desc="crop photos", unit="photo", leave=False)
    seen, before = in_order(read, contents, TOGETHER), 0
    with bar:
        while some := list(islice(seen, AT_ONCE)):
            which = np.flatnonzero([len(poses) for _, poses in some])
            images = [some[i][0] for i in which]
            points, doubt = look(images, np.concatenate([poses for _, poses in some]), models)
            faces = np.flatnonzero(doubt <= DOUBT)
            if len(faces):
                crops.append(framed([images[i] for i in faces], points[faces], models))
                owners.append(which[faces] + before)
            before += len(some)
            bar.update(len(some))
    return np.concatenate(crops), np.concatenate(owners)
