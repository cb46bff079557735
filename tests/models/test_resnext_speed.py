"""Grouped convolution must not make ResNeXt slow to train on a CPU."""

import numpy as np
import pytest

from benchmarks.resnext_training import measure


@pytest.mark.slow
def test_a_step_of_resnext29_costs_at_most_twice_that_of_a_resnet_of_equal_multiply_adds():
    seconds, costs = measure(batch=8, trials=3)
    each = np.median(seconds, axis=1) / costs

    assert costs[0] == pytest.approx(costs[1], rel=0.05)
    assert each[0] <= 2 * each[1]
