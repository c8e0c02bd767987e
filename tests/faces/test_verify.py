import numpy as np

from stages.faces.frame import LEFT, LIP, RIGHT, Framing, poses
from stages.faces.verify import (
    BELIEF_OF_WHOLE,
    belief,
    box_as_framed,
    box_of,
    choose,
    near,
    pose_of,
)
from tests.faces.conftest import dots

FRAMING = Framing(width=0.5, height=0.5, x=0.5, y=0.4)
USUAL = np.array([4.0, 1.0])


def test_a_box_and_its_pose_are_the_same_place():
    boxes = np.array([[200.0, 150.0, 80.0]])
    pose = pose_of(boxes, FRAMING)[0]
    assert box_of(pose, FRAMING, (1000, 1000)) == [160, 110, 80, 80]


def test_a_box_ends_where_the_photo_ends():
    pose = pose_of(np.array([[10.0, 95.0, 60.0]]), FRAMING)[0]
    assert box_of(pose, FRAMING, (300, 100)) == [0, 65, 40, 35]


def test_each_face_is_chosen_once_and_the_surest_comes_first():
    found = np.array([[50, 50, 30, 0], [54, 50, 33, 0], [120, 50, 30, 0], [50, 50, 30, 0.0]])
    chosen = choose(found, np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 0, 0, 1]))
    assert chosen.tolist() == [3, 2, 1]


def test_what_is_not_believed_is_not_chosen():
    found = choose(np.ones((2, 4)), np.array([-0.1, -5.0]), np.array([0, 1]))
    assert found.size == 0


def test_less_belief_may_be_enough():
    belief, owner = np.array([-0.1, -1.0, -5.0]), np.array([0, 1, 2])
    assert choose(np.ones((3, 4)), belief, owner, BELIEF_OF_WHOLE).tolist() == [0, 1]


def test_a_box_as_framed_is_that_of_the_framing_s_pose():
    photo = Framing(width=0.6, height=0.6, x=0.5, y=0.45)
    box = box_as_framed((200, 200), photo, FRAMING)
    assert pose_of(box[None], FRAMING)[0].round(6).tolist() == [100, 90, 120, 0]
    wide = box_as_framed((400, 100), photo, FRAMING)
    assert wide[2] == box[2] and wide[0] == 200


def test_points_that_wander_are_held_near_the_box():
    first = np.array([[100.0, 100.0, 40.0, 0.0]])
    kept = near(np.array([[500.0, 100.0, 400.0, 3.0]]), first)[0]
    assert kept[:3].round(6).tolist() == [124, 100, 64] and abs(kept[3]) < 1


def test_spread_heatmaps_and_unsteady_points_speak_against_a_face():
    still = np.zeros((1, 15, 2))
    still[0, [RIGHT, LEFT, LIP]] = dots(100, 100, 50)
    votes = np.full((1, 3), 3.0)
    good = belief(votes, USUAL[None], USUAL, still, still)
    assert belief(votes, 3 * USUAL[None], USUAL, still, still) < good
    alone = belief(0 * votes, USUAL[None], USUAL, still, still)
    assert belief(0 * votes, USUAL[None], USUAL, still + 10, still) < alone < good
    without_heatmaps = np.array([[np.nan, 1.0]])
    assert np.isfinite(belief(votes, without_heatmaps, USUAL, still, still)).all()
    assert belief(0 * votes, without_heatmaps, USUAL, still, still) == -np.inf
    weak, unlike = np.array([[2.0, 0, 0]]), np.array([[np.nan, 2.5]])
    assert belief(weak, unlike, USUAL, still, still) < 0  # the mirror image says otherwise
    assert poses(still)[0, 2] == 50
