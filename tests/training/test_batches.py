import numpy as np

from stages.training.batches import Batches


def rows_of(batches):
    return [batches[i][0]["image"].tolist() for i in range(len(batches))]


def test_order_is_a_function_of_seed_and_epoch():
    data = {"image": np.arange(20)}
    one, same, other = Batches(data, 4, 1), Batches(data, 4, 1), Batches(data, 4, 2)
    first = rows_of(one)
    assert first == rows_of(same) != rows_of(other)
    one.on_epoch_end()
    assert rows_of(one) != first and sorted(i for batch in rows_of(one) for i in batch) == list(
        range(20)
    )


def test_training_leaves_out_the_odd_rest_and_reading_does_not():
    data = {"image": np.arange(10)}
    assert len(Batches(data, 4, 1)) == 2
    assert rows_of(Batches(data, 4)) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_a_batch_larger_than_the_data_is_the_data():
    assert sorted(rows_of(Batches({"image": np.arange(3)}, 8, 1))[0]) == [0, 1, 2]


def test_arrays_stay_together():
    batches = Batches({"image": np.arange(20), "target": np.arange(20) * 2}, 4, 7)
    for i in range(len(batches)):
        inputs, _ = batches[i]
        np.testing.assert_array_equal(inputs["image"] * 2, inputs["target"])
