import numpy as np
import pytest

from faces.core.errors import UserError
from faces.keypoints.data.clean import check_header, clean
from faces.keypoints.points import COLUMNS
from tests.conftest import keypoint_members, keypoint_zip, open_bytes, zip_of


def cleaned(members, incomplete="mask"):
    return clean(open_bytes(keypoint_zip(members)), {"incomplete": incomplete})


def test_values_arrive_where_they_belong():
    members = keypoint_members()
    arrays, dropped, counts = cleaned(members)
    row = members["training.csv"][1][2]
    np.testing.assert_allclose(arrays["points"][2].ravel(), [float(v) for v in row[:30]], rtol=1e-5)
    np.testing.assert_array_equal(arrays["images"][2].ravel(), [int(v) for v in row[30].split()])
    assert arrays["images"].dtype == np.uint8 and arrays["points"].dtype == np.float32
    assert arrays["group"].tolist() == [15, 4, 15, 4, 15, 4]
    assert np.isfinite(arrays["points"][1]).all(axis=1).sum() == 4
    assert len(dropped) == 0 and counts["kept"] == 6 and counts["complete_rows"] == 3


def test_drop_keeps_complete_rows_and_lists_the_others():
    arrays, dropped, counts = cleaned(keypoint_members(), "drop")
    assert arrays["row"].tolist() == [1, 3, 5]
    assert dropped["row"].tolist() == [2, 4, 6]
    assert dropped["reason"].tolist() == ["incomplete: 4 of 15 points"] * 3
    assert counts["dropped"] == 3


def test_a_point_with_one_coordinate_is_unknown():
    members = keypoint_members()
    members["training.csv"][1][0][1] = ""
    arrays, dropped, counts = cleaned(members)
    assert np.isnan(arrays["points"][0, 0]).all() and counts["complete_rows"] == 2
    assert dropped.values.tolist() == [[1, "left_eye_center has one coordinate only: left out"]]


def test_a_row_without_points_is_dropped():
    members = keypoint_members()
    members["training.csv"][1][3][:30] = [""] * 30
    arrays, dropped, _ = cleaned(members)
    assert 4 not in arrays["row"] and dropped.values.tolist() == [[4, "no known point"]]


def test_a_point_outside_the_frame_is_left_out_and_listed():
    members = keypoint_members()
    members["training.csv"][1][0][20] = "500"
    arrays, dropped, counts = cleaned(members)
    assert np.isnan(arrays["points"][0, 10]).all()
    assert dropped.values.tolist() == [[1, "nose_tip outside the frame: left out"]]
    assert counts["kept"] == 6 and counts["points_outside_frame"] == 1


def test_the_lookup_points_at_images_and_coordinates():
    members = keypoint_members(n_test=3)
    members["test.csv"][1].reverse()
    arrays, _, _ = cleaned(members)
    assert arrays["test_ids"].tolist() == [3, 2, 1]
    assert arrays["lookup"][0].tolist() == [1, 2, 0]
    assert arrays["lookup"][30].tolist() == [31, 1, 0]
    assert len(arrays["lookup"]) == 30 + 8 + 8


def test_kaggles_own_lookup_has_a_column_less_in_its_rows():
    members = keypoint_members()
    header, rows = members["IdLookupTable.csv"]
    short = {**members, "IdLookupTable.csv": (header, [row[:3] for row in rows])}
    np.testing.assert_array_equal(cleaned(short)[0]["lookup"], cleaned(members)[0]["lookup"])


def test_files_may_lie_unpacked_and_deeper():
    members = keypoint_members()
    files = {"training.csv", "test.csv", "IdLookupTable.csv"}
    packed = open_bytes(keypoint_zip(members))
    inner = {
        f"{n}.csv": open_bytes(packed.read(f"{n}.zip")).read(f"{n}.csv")
        for n in ("training", "test")
    }
    inner["IdLookupTable.csv"] = packed.read("IdLookupTable.csv")
    archive = open_bytes(zip_of({f"kaggle/{name}": inner[name] for name in sorted(files)}))
    arrays, _, _ = clean(archive, {"incomplete": "mask"})
    np.testing.assert_array_equal(arrays["images"], cleaned(members)[0]["images"])


def cell(file, row, column, value):
    def change(members):
        members[file][1][row][column] = value

    return change


def without_column(file, name):
    def change(members):
        members[file][0][members[file][0].index(name)] = "other"

    return change


PIXELS = " ".join(["7"] * 9216)


@pytest.mark.parametrize(
    ("change", "expected", "received"),
    [
        (
            cell("training.csv", 3, 30, PIXELS[:-2]),
            r"9,216 numbers in Image of row 4 of training",
            "9,215",
        ),
        (cell("training.csv", 3, 30, PIXELS + " 7"), r"9,216 numbers in Image of row 4", "9,217"),
        (
            cell("test.csv", 2, 1, "x" + PIXELS[1:]),
            r"from 0 to 255 in Image of row 3 of test",
            "'x'",
        ),
        (
            cell("training.csv", 0, 30, "256" + PIXELS[1:]),
            "from 0 to 255 in Image of row 1",
            "'256'",
        ),
        (cell("training.csv", 0, 30, "-1" + PIXELS[1:]), "from 0 to 255 in Image of row 1", "'-1'"),
        (
            cell("training.csv", 0, 30, "1.5" + PIXELS[1:]),
            "from 0 to 255 in Image of row 1",
            "'1.5'",
        ),
        (cell("training.csv", 0, 30, "0000000300" + PIXELS[1:]), "row 1", "'0000000300'"),
        (
            lambda m: m["training.csv"][1][0].extend("ab"),
            "comma separated text",
            "Length of header",
        ),
        (lambda m: m["test.csv"][0].append("Image"), r"every column once in test\.csv", "Image"),
        (cell("test.csv", 1, 0, 1), r"every ImageId once in test\.csv", "twice"),
        (cell("training.csv", 0, 30, ""), "9,216 numbers in Image of row 1", "0"),
        (
            cell("training.csv", 5, 3, "left"),
            r"right_eye_center_y, row 6 of training\.csv",
            "'left'",
        ),
        (cell("training.csv", 5, 3, "inf"), r"right_eye_center_y, row 6", "'inf'"),
        (cell("IdLookupTable.csv", 4, 2, "ear_x"), "known FeatureName in row 5", "'ear_x'"),
        (cell("IdLookupTable.csv", 4, 1, 77), "ImageId of test.csv in row 5", "77"),
        (cell("IdLookupTable.csv", 4, 0, 1), "every RowId once", "twice"),
        (cell("IdLookupTable.csv", 4, 0, "a"), "whole number in RowId, row 5", "'a'"),
        (
            without_column("training.csv", "nose_tip_x"),
            "columns nose_tip_x in training",
            "left_eye",
        ),
        (without_column("training.csv", "Image"), "columns Image in training", "left_eye"),
        (without_column("test.csv", "ImageId"), "columns ImageId in test.csv", "other, Image"),
        (lambda m: m.pop("training.csv"), r"training\.csv in", r"IdLookupTable\.csv, test\.zip"),
        (
            lambda m: m.pop("IdLookupTable.csv"),
            r"IdLookupTable\.csv in",
            r"test\.zip, training\.zip",
        ),
        (lambda m: m["training.csv"][1].clear(), r"rows in training\.csv", "only a header"),
    ],
)
def test_a_fault_is_named_with_its_place(change, expected, received):
    members = keypoint_members()
    change(members)
    with pytest.raises(UserError, match=f"Expected.*{expected}.*Received: .*{received}"):
        cleaned(members)


def test_extra_spaces_between_pixels_do_no_harm():
    members = keypoint_members()
    members["training.csv"][1][0][30] = "  " + PIXELS.replace(" ", "  ", 3)
    assert (cleaned(members)[0]["images"][0] == 7).all()


def test_the_header_is_checked_without_reading_the_rows():
    members = keypoint_members()
    check_header(open_bytes(keypoint_zip(members)))
    members["test.csv"] = (["ImageId", "Picture"], members["test.csv"][1])
    with pytest.raises(UserError, match=r"columns Image in test\.csv"):
        check_header(open_bytes(keypoint_zip(members)))


def test_columns_may_come_in_another_order():
    members = keypoint_members()
    header, rows = members["training.csv"]
    turned = (header[::-1], [row[::-1] for row in rows])
    np.testing.assert_array_equal(
        cleaned({**members, "training.csv": turned})[0]["points"], cleaned(members)[0]["points"]
    )
    assert len(COLUMNS) == 30
