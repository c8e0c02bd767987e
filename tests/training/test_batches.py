import keras
import numpy as np

from faces.training.batches import Batches, Order, feed


def rows_of(batches):
    return [batches[i][0]["image"].tolist() for i in range(len(batches))]


def test_order_is_a_function_of_seed_and_epoch():
    data = {"image": np.arange(20)}
    one, same, other = Batches(data, 4, 1), Batches(data, 4, 1), Batches(data, 4, 2)
    first = rows_of(one)
    assert first == rows_of(same) != rows_of(other)
    one.begin(1)
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


def test_what_is_fed_is_the_batches_in_the_order_of_each_epoch():
    data = {"image": np.arange(20, dtype=np.uint8), "target": np.arange(20, dtype=np.float32)}
    batches = Batches(data, 8, 3)
    fed, seen = feed(batches), []
    assert len(fed) == len(batches) == 2
    for epoch in range(2):
        Order(batches).on_epoch_begin(epoch)
        wanted = rows_of(batches)
        inputs = [inputs for inputs, _ in fed]
        assert [np.asarray(part["image"]).tolist() for part in inputs] == wanted
        assert all(np.array_equal(part["image"], part["target"]) for part in inputs)
        seen.append(wanted)
    assert seen[0] != seen[1]


def test_no_thread_is_left_that_the_end_of_an_epoch_would_wait_for():
    fed = feed(Batches({"image": np.arange(20)}, 4))
    assert keras.backend.backend() != "tensorflow" or fed.options().autotune.enabled is False
