"""Portraits as `predict` would cut their faces out, were they found in a larger photo."""

from collections.abc import Iterable
from itertools import islice

import numpy as np

from stages.faces import verify
from stages.faces.answer import Suspect, as_whole, believed, framed
from stages.faces.models import Models
from stages.photos import read_photo
from stages.progress import progress_bar
from stages.threads import in_order

AT_ONCE = 64  # photos that the network is asked about together
TOGETHER = 4  # that a thread reads together


def reframed(
    contents: Iterable[bytes], number: int, models: Models
) -> tuple[np.ndarray, np.ndarray]:
    """The faces of so many photos, levelled, of one size and in one place.

    Nothing is searched: a photo is taken for the crop of a face. Where the keypoint network sees
    none in it (a profile, a chin that is cut off), the photo is left out.

    Args:
        contents: of files that `read_photo` can read.

    Returns:
        uint8 (k, size, size, 3), and int (k,), which photos they are of, counted from 0.
    """
    size = models.size
    crops, owners = [np.empty((0, size, size, 3), np.uint8)], [np.empty(0, int)]

    def read(content: bytes) -> Suspect | None:
        return as_whole(read_photo(content), models)

    bar = progress_bar(total=number, desc="frame photos", unit="photo", leave=False)
    seen, before = in_order(read, contents, TOGETHER), 0
    with bar:
        while some := list(islice(seen, AT_ONCE)):
            found = believed([[s] if s else [] for s in some], verify.BELIEF_OF_WHOLE, models)
            if found:
                found.sort(key=lambda face: face[0])
                which, suspects, points = zip(*found, strict=True)
                crops.append(framed([s.patch for s in suspects], np.stack(points), models))
                owners.append(np.array(which) + before)
            before += len(some)
            bar.update(len(some))
    return np.concatenate(crops), np.concatenate(owners)
