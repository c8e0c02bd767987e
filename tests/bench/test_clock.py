import math
import time

import keras
import numpy as np
import pytest

from bench.clock import Clock


@pytest.mark.parametrize(("limit", "epochs"), [(math.inf, 3), (0, 1)])
def test_a_clock_sees_each_epoch_and_stops_in_time(limit, epochs):
    told, data = [], (np.ones((8, 2)), np.ones(8))
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    clock = Clock(model, limit, lambda: told.append(len(clock.ends)))
    model.fit(*data, epochs=3, batch_size=4, validation_data=data, verbose=0, callbacks=[])
    assert told == list(range(1, epochs + 1)) and clock.late == (limit == 0)
    assert all(np.diff([0, *clock.ends]) > 0)


def test_what_is_done_between_epochs_is_off_the_clock():
    data = np.ones((8, 2)), np.ones(8)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    clock, started = Clock(model, between=lambda: time.sleep(0.3)), time.perf_counter()
    model.fit(*data, epochs=2, validation_data=data, verbose=0, callbacks=[])
    assert clock.ends[-1] < time.perf_counter() - started - 0.6
