"""Every claim of the lecture holds when it is measured, within a minute, and fails where its opposite is planted."""

import time
from functools import partial
from importlib import import_module

import numpy as np
import pytest
from PIL import Image

from kcnn.arithmetic.correlation import convolve
from kcnn.arithmetic.fourier import circular_convolution
from kcnn.arithmetic.pooling import average_pool, average_pool_gradient
from kcnn.arithmetic.toeplitz import correlation_matrix
from kcnn.arithmetic.transposed import transposed_correlation
from kcnn.labs import (
    dense_counts_parameters,
    template_matching_breaks,
)
from kcnn.labs.catalog import LABS
from kcnn.labs.run import run

# What a lab is given so that its claim is false.
OPPOSITES = {
    "template-matching-breaks": {
        "find": partial(
            template_matching_breaks.search_turned_and_scaled, angles=(0, 30, 45, 60), scales=(0.65, 1, 1.5)
        ),
        "count": 4,
    },
    "dense-counts-parameters": {"dense": dense_counts_parameters.convolution},
    "permutation": {"convolutional": "mlp", "seeds": (0,)},
    "convolution-is-a-misnomer": {"layer": lambda image, kernel: convolve(image, kernel, "valid")},
    "convolution-as-matrix": {"matrix": lambda kernel, sizes: correlation_matrix(np.flip(kernel), sizes)},
    "convolution-theorem": {"linear": circular_convolution},
    "pooling-invariance": {"pool": average_pool},
    "max-pool-gradient": {"gradient": average_pool_gradient},
    "translation": {"pooling": "mlp"},
    "stride-is-pooling": {"strided": "mlp"},
    "three-3x3-is-one-7x7": {"kernels": (3, 3)},
    "one-by-one-reduction": {"reduce": 192},
    "learned-features": {"epochs": 0},
    "transposed-is-adjoint": {
        "transposed": lambda y, kernel, stride: transposed_correlation(y, np.flip(kernel, (0, 1)), stride)
    },
}


@pytest.mark.parametrize("name", LABS)
def test_the_claim_holds_within_a_minute_and_is_drawn(name, here):
    begin = time.process_time()

    found = run(name)

    assert found.holds, found.numbers
    assert (time.process_time() - begin) / 2 < 60  # seconds of two cores: other tests share the machine
    assert found.figure == here / ".kcnn" / "labs" / f"{name}.png"
    with Image.open(found.figure) as image:
        assert min(image.size) > 250
    assert all(np.isfinite(value) for value in found.numbers.values())


@pytest.mark.parametrize("name", LABS)
def test_the_claim_does_not_hold_where_the_opposite_is_planted(name):
    outcome = import_module(f"kcnn.labs.{LABS[name].module}").measure(**OPPOSITES[name])

    assert not outcome.holds
