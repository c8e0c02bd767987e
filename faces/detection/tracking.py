"""Faces of a video, followed from frame to frame: each keeps its number, its label settles.

A face is looked for where its points were in the last frame, which takes the keypoint network
alone. Newcomers come from the detector, which sees one square of each copy of a frame.
"""

import itertools
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
from PIL import Image

from faces.detection import alignment, detector, finding
from faces.detection.finding import DOUBT, Faces
from faces.detection.models import Models
from faces.detection.steady import Steady

LONGEST = 800  # pixels of the largest copy that is searched: all its squares take 48 frames
STAY = 1.5 * DOUBT  # a face that was there a moment ago is believed more readily
AGAIN = 0.1  # of a face's size: who moved further since the last frame is looked at twice
AROUND = 3.0  # of a face's size: half the side of the square in which one that is lost is sought
REMEMBERED = 30.0  # seconds in which a face that comes back gets its number again
ONE = 0.3  # of a face's size: two tracks that are closer follow the same
HIDES = 0.9  # of a face's size: one that is closer hides a part of it, and nobody can say who it is
CLEARLY = 0.15  # by which somebody else's likeness must be greater
# Likeness from which a face may be one of before: of made-up frames of 40 people, 1% of the pairs
# of two people are above it, and 72% of those of one.
ALIKE = 0.7
UNLIKELY = 0.1  # chance of somebody's class, below which a face is not theirs
PICTURE = 20  # pixels of the sides of small pictures of a face
COARSE = PICTURE / 6  # pixels: what is larger in them is light, and the face that all have
SLOW = 0.1  # share of a new picture in the remembered one


class Person:
    """Who is followed: a number, from 1 on, and what was seen so far.

    Attributes:
        chances: sum of the class network's answers of so many `asked`.
        picture: how the face looks, small and of length 1. seen: seconds, at which it was last.
    """

    def __init__(self, number: int):
        self.number = number
        self.chances, self.asked, self.seen = 0.0, 0, 0.0
        self.picture: np.ndarray | None = None

    def note(self, picture: np.ndarray, chance: np.ndarray) -> None:
        """Note how the face looks, and what the class network says."""
        old = picture if self.picture is None else self.picture
        self.picture = old + SLOW * (picture - old)
        self.chances, self.asked = self.chances + chance, self.asked + 1

    def likeness(self, picture: np.ndarray) -> float:
        """Cosine of a picture with how the face looked, -1 to 1."""
        return float(picture @ self.picture / max(np.linalg.norm(self.picture), 1e-6))

    def may_be(self, picture: np.ndarray, chance: np.ndarray) -> bool:
        """Whether a face that looks so, and is classed so, may be this one's."""
        own = chance[self.chances.argmax()]
        return self.likeness(picture) >= ALIKE and bool(own >= UNLIKELY)


class Track:
    """A face in the frames that it is in: who it is, and where.

    Attributes:
        points: (15, 2), as found in the last frame. pose: (4,), of these. step: (2,), from the one
            before.
    """

    def __init__(self, who: Person, points: np.ndarray):
        self.who, self.steady = who, Steady()
        self.points, self.pose = points, alignment.poses(points[None])[0]
        self.step = np.zeros(2)

    def move(self, points: np.ndarray) -> None:
        """Note where it is now."""
        pose = alignment.poses(points[None])[0]
        self.points, self.step, self.pose = points, pose[:2] - self.pose[:2], pose

    def expected(self) -> np.ndarray:
        """Its pose in the next frame if it goes on as it does."""
        return self.pose + [*self.step, 0, 0]


class Tracker:
    """The faces of one video.

    Args:
        models: with a class network.
    """

    def __init__(self, models: Models):
        self.models, self.size = models, None
        self.beside = ThreadPoolExecutor(1)  # the detector works while faces are followed
        self.tracks: list[Track] = []
        self.gone: list[Person] = []
        self.numbers = itertools.count(1)
        self.turn = 0  # frames so far

    def answer(self, photo: Image.Image, seconds: float) -> list[dict]:
        """The faces of the next frame, as in predict's JSON, each with its `track`.

        Args:
            photo: RGB. seconds: at which it is shown.
        """
        image = np.asarray(photo)
        self.turn += 1
        self.gone = [who for who in self.gone if seconds - who.seen <= REMEMBERED]
        if photo.size != self.size:
            self.gone += [track.who for track in self.tracks]  # nobody is where they were
            self.size, self.tracks = photo.size, []
            found = finding.search(image, self.models)
        else:
            found = self.next(image, seconds)
        self.add(image, self.unknown(found), seconds)
        self.ask(image)
        return [self.entry(track, photo.size, seconds) for track in self.tracks]

    def next(self, image: np.ndarray, seconds: float) -> Faces:
        """Follow the faces of the last frame; what may be others."""
        before = len(self.tracks)
        proposed = self.beside.submit(self.proposed, image)
        self.follow(image, seconds)
        found = self.newcomers(image, proposed.result())
        if before and not self.tracks:  # another scene
            found = found.and_these(finding.search(image, self.models))
        return found

    def follow(self, image: np.ndarray, seconds: float) -> None:
        """Find the faces of the last frame in this one; those that are not there are gone."""
        if not self.tracks:
            return
        poses = np.stack([track.expected() for track in self.tracks])
        points, doubt = self.look(image, poses)
        for i, track in enumerate(self.tracks):
            if not (doubt[i] <= STAY and within(points[i], image)):
                points[i], doubt[i] = self.seek(image, track)
        there = [doubt[i] <= STAY and within(points[i], image) for i in range(len(doubt))]
        for i in self.doubles(image, points, there):
            there[i] = False
        left = []
        for track, own, is_there in zip(self.tracks, points, there, strict=True):
            if is_there:
                track.move(own)
                track.who.seen = seconds
                left.append(track)
            else:
                self.gone.append(track.who)
        self.tracks = left

    def look(self, image: np.ndarray, poses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points (n, 15, 2) near these poses, and doubt (n,); who moved far is looked at twice."""
        points, doubt = finding.read([image] * len(poses), poses, self.models)
        now = alignment.poses(points)
        far = np.linalg.norm(now[:, :2] - poses[:, :2], axis=1) > AGAIN * poses[:, 2]
        far = np.flatnonzero(far & (doubt <= 2 * STAY))
        if len(far):
            points[far], doubt[far] = finding.read([image] * len(far), now[far], self.models)
        return points, doubt

    def seek(self, image: np.ndarray, track: Track) -> tuple[np.ndarray, float]:
        """Points of a face that jumped, by the detector around where it was, and doubt."""
        x, y, size, _ = track.pose
        low = np.clip([x - AROUND * size, y - AROUND * size], 0, None).astype(int)
        part = image[low[1] : int(y + AROUND * size) + 1, low[0] : int(x + AROUND * size) + 1]
        if min(part.shape[:2], default=0) > 0:
            copy, scale = detector.copy_of(part, detector.SIDE)
            poses = self.models.detector.poses(copy, [(0, 0)], scale) + [*low, 0, 0]
            others = np.stack([t.pose for t in self.tracks if t is not track] or [np.zeros(4)])
            poses = poses[finding.elsewhere(poses, others)][:1]
            if len(poses):
                points, doubt = finding.look([image], poses, self.models)
                return points[0], float(doubt[0])
        return track.points, np.inf

    def doubles(self, image: np.ndarray, points: np.ndarray, there: list[bool]) -> list[int]:
        """Of two tracks that have come onto one face, the one of whom looks less like it."""
        poses, less = alignment.poses(points), []
        for i, j in itertools.combinations(np.flatnonzero(there), 2):
            if np.linalg.norm(poses[i, :2] - poses[j, :2]) < ONE * max(poses[i, 2], poses[j, 2]):
                _, (picture,) = self.pictures(image, points[[i]])
                less.append(min(i, j, key=lambda k: self.tracks[k].who.likeness(picture)))
        return less

    def proposed(self, image: np.ndarray) -> np.ndarray:
        """Poses (n, 4) of what may be faces in the squares whose turn it is."""
        found = [np.empty((0, 4))]
        for copy, scale in detector.copies(image, LONGEST):
            squares = detector.squares(copy.shape[:2])
            turn = [squares[self.turn % len(squares)]]
            found.append(self.models.detector.poses(copy, turn, scale))
        return np.concatenate(found)

    def newcomers(self, image: np.ndarray, proposed: np.ndarray) -> Faces:
        """Those of the proposed poses (n, 4) that are faces, and that no track follows."""
        unknown = finding.new(proposed, self.known())
        return finding.confirmed(image, unknown, self.models)

    def known(self) -> Faces:
        """The faces that are followed."""
        points = [track.points for track in self.tracks]
        return Faces(np.reshape(points, (-1, 15, 2)), np.zeros(len(points)))

    def unknown(self, found: Faces) -> Faces:
        """Those of the faces that are not followed."""
        poses, others = (alignment.poses(faces.points) for faces in (found, self.known()))
        return found.of(np.flatnonzero(finding.elsewhere(poses, others)))

    def add(self, image: np.ndarray, found: Faces, seconds: float) -> None:
        """Follow these faces; one that was there before gets its number and label again."""
        if not len(found.points):
            return
        crops, pictures = self.pictures(image, found.points)
        chances = finding.classes_of(crops, self.models)
        hidden = [self.hidden(pose) for pose in alignment.poses(found.points)]
        for points, picture, chance, half in zip(
            found.points, pictures, chances, hidden, strict=True
        ):
            known = [one for one in self.gone if one.may_be(picture, chance)]
            if known:
                who = max(known, key=lambda one: one.likeness(picture))
                self.gone.remove(who)
            elif half:
                continue
            else:
                who = Person(next(self.numbers))
            who.note(picture, chance)
            who.seen = seconds
            self.tracks.append(Track(who, points))

    def ask(self, image: np.ndarray) -> None:
        """Ask the class network about one of the faces, whose turn it is."""
        if not self.tracks:
            return
        track = self.tracks[self.turn % len(self.tracks)]
        if self.hidden(track.pose):
            return
        crops, (picture,) = self.pictures(image, track.points[None])
        self.recognise(image, track, picture)
        seen = crops[:, :, ::-1] if track.who.asked % 2 else crops
        track.who.note(picture, self.models.gender.predict_on_batch(seen)[0])

    def hidden(self, pose: np.ndarray) -> bool:
        """Whether a face that is followed, other than that of this pose, hides a part of it."""
        others = [track.pose[:2] for track in self.tracks if track.pose is not pose]
        away = np.linalg.norm(np.reshape(others, (-1, 2)) - pose[:2], axis=1)
        return bool(away.min(initial=np.inf) < HIDES * pose[2])

    def recognise(self, image: np.ndarray, track: Track, picture: np.ndarray) -> None:
        """Put it right where a track has gone over from one person to another, as they crossed."""
        taken = {other.who: other for other in self.tracks}
        best = max([*taken, *self.gone], key=lambda one: one.likeness(picture))
        if best is track.who:
            return
        better = best.likeness(picture) - track.who.likeness(picture)
        if best in taken:  # both faces must say so: one alone may just have been seen badly
            _, (other,) = self.pictures(image, taken[best].points[None])
            better += track.who.likeness(other) - best.likeness(other)
        if better <= CLEARLY or (best not in taken and best.likeness(picture) < ALIKE):
            return
        if best in taken:
            taken[best].who = track.who
        else:
            self.gone.remove(best)
            self.gone.append(track.who)
        track.who, best.seen = best, track.who.seen

    def pictures(self, image: np.ndarray, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Crops of faces for the class network, and small pictures of them of length 1."""
        crops = finding.framed([image] * len(points), points, self.models)
        small = [cv2.resize(c, (PICTURE, PICTURE), interpolation=cv2.INTER_AREA) for c in crops]
        fine = [one - cv2.GaussianBlur(one, (0, 0), COARSE) for one in np.float32(small)]
        plain = np.reshape(fine, (len(fine), -1))
        return crops, plain / np.maximum(np.linalg.norm(plain, axis=1, keepdims=True), 1e-6)

    def entry(self, track: Track, size: tuple[int, int], seconds: float) -> dict:
        """A face of the answer."""
        points = track.steady(track.points, track.pose[2], seconds)
        chance = track.who.chances / track.who.asked
        return {"track": track.who.number, **finding.face(points, chance, size, self.models)}


def within(points: np.ndarray, image: np.ndarray) -> bool:
    """Whether the middle between the eyes lies in the image."""
    x, y = alignment.poses(points[None])[0, :2]
    return bool(-0.5 <= x <= image.shape[1] - 0.5 and -0.5 <= y <= image.shape[0] - 0.5)
