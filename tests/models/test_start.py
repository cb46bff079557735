"""Deep networks without shortcuts or normalisation get going from the weights that they start with."""

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

from kcnn.models import build
from tests.contracts.compiled import compiled


def adam(rate):
    return lambda: keras.optimizers.Adam(rate)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "optimizer", "options"),
    [
        ("vgg19", adam(3e-4), {"dropout": 0}),
        ("googlenet", adam(3e-4), {"dropout": 0}),
        # The classes' maps end in a ReLU, and dropout makes steps rough: they must not die.
        ("all_cnn_c", adam(1e-3), {}),
        ("all_cnn_a", adam(1e-3), {}),
        ("squeezenet1_0", adam(1e-3), {}),
    ],
)
def test_it_learns_digits_within_a_hundred_updates(name, optimizer, options):
    """Chance is 10 %. Digits of 8x8 pixels, four times enlarged for those that halve five times.

    Plain-56 has a test of its own, and plain-110 is left out: it is the paper's example of a network that is too deep
    to be trained without shortcuts.
    """
    x, labels = enlarged(2 if "all_cnn" in name else 4)

    model = learned(name, x, labels, optimizer(), passes=4, **options)

    assert np.mean(np.argmax(model(x[:300]), -1) == labels[:300]) > 0.3


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_plain_56_learns_digits_within_two_hundred_updates(seed):
    """By the means of the batch, as in training: it changes faster than the running means of 55 layers follow."""
    x, labels = enlarged(2)

    optimizer = keras.optimizers.SGD(0.05, momentum=0.9, clipnorm=1.0)
    model = learned("plain56_cifar", x, labels, optimizer, passes=8, seed=seed)

    assert np.mean(np.argmax(model(x[:300], training=True), -1) == labels[:300]) > 0.3


def enlarged(factor):
    """The digits in -1..1, so many times as large, and their labels."""
    digits = load_digits()
    return digits.images.repeat(factor, 1).repeat(factor, 2)[..., None].astype("float32") / 8 - 1, digits.target


def learned(name, x, labels, optimizer, passes, seed=0, **options):
    """The network after so many passes through 25 batches."""
    keras.utils.set_random_seed(seed)
    model = compiled(build(name, x.shape[1:], classes=10, **options), optimizer)
    batches = np.random.default_rng(0).permutation(1600)[: 64 * 25].reshape(25, 64)
    for batch in np.tile(batches, (passes, 1)):
        model.train_on_batch(x[batch], labels[batch])
    return model
