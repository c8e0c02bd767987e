import numpy as np

from faces.keypoints import points


def test_mirroring_twice_changes_nothing_and_swaps_sides_once():
    assert points.MIRROR[points.MIRROR].tolist() == list(range(15))
    assert points.MIRROR_OUTPUTS[points.MIRROR_OUTPUTS].tolist() == list(range(19))
    swapped = {
        points.OUTPUT_NAMES[i]: points.OUTPUT_NAMES[j] for i, j in enumerate(points.MIRROR_OUTPUTS)
    }
    assert swapped["left_eye_inner_corner"] == "right_eye_inner_corner"
    assert swapped["left_eye_center_of_4"] == "right_eye_center_of_4"
    assert swapped["nose_tip_of_4"] == "nose_tip_of_4"


def test_a_row_belongs_to_the_group_whose_points_it_has():
    known = np.zeros((4, 15), bool)
    known[0] = True
    known[1, list(points.FOUR_POINTS)] = True
    known[2, [10]] = True
    known[3, [10, 11]] = True
    assert points.annotator_group(known).tolist() == [15, 4, 4, 15]


def test_targets_and_answers_go_through_the_output_of_the_group(rng):
    marked = rng.uniform(0, 95, (2, 15, 2)).astype(np.float32)
    group = np.array([15, 4])
    targets = points.to_targets(marked, group)
    assert np.isnan(targets[0, 15:]).all() and np.isnan(targets[1, :15]).all()
    np.testing.assert_array_equal(targets[1, 15:], marked[1, list(points.FOUR_POINTS)])

    outputs = rng.uniform(0, 95, (2, 19, 2))
    answers = points.from_outputs(outputs, group)
    np.testing.assert_allclose(answers[0], outputs[0, :15], rtol=1e-6)
    np.testing.assert_allclose(answers[1, list(points.FOUR_POINTS)], outputs[1, 15:], rtol=1e-6)
    np.testing.assert_allclose(answers[1, 2], outputs[1, 2], rtol=1e-6)


def test_what_lies_outside_is_moved_to_the_edge_and_counted():
    clipped, outside = points.clip_to_frame(np.array([[-3.0, 50.0], [97.0, 96.0]]))
    assert clipped.tolist() == [[0.0, 50.0], [96.0, 96.0]] and outside == 2
