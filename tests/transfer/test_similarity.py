"""The distance of images from those that a network was trained on, by what its normalisations expect."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from kcnn.layers.precision import precision
from kcnn.models import build, build_without_weights
from kcnn.transfer.similarity import distance, distances, normalisations, statistics


def some_images(count=12, side=8, seed=0):
    """Images (count, side, side, 3) whose channels differ in mean and spread, and which differ among themselves."""
    generator = np.random.default_rng(seed)
    pictures = generator.normal((0.5, -1, 2), (1, 2, 0.5), (count, side, side, 3))
    return (pictures + generator.normal(size=(count, 1, 1, 3))).astype("float32")


def normalise_only(epsilon=1e-3):
    """Images (N, 8, 8, 3) through two batch normalisations, the first of which sees the pixels themselves."""
    image = layers.Input((8, 8, 3))
    first = layers.BatchNormalization(epsilon=epsilon, name="first")
    return keras.Model(image, layers.BatchNormalization(name="second")(first(image)))


def small():
    """Three convolutions, each followed by batch normalisation, and a classifier."""
    keras.utils.set_random_seed(0)
    x = image = layers.Input((8, 8, 3))
    for filters in (4, 6, 8):
        x = layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(filters, 3)(x)))
    return keras.Model(image, layers.Dense(2, name="logits")(layers.GlobalAveragePooling2D()(x)))


def measured(model, *batches):
    """The distances of images that come in batches."""
    seen = statistics(model)
    return distances(model, (arrays(seen(batch)) for batch in batches))


def arrays(answers):
    """The same mapping, with NumPy's arrays."""
    return {name: ops.convert_to_numpy(answer) for name, answer in answers.items()}


def expect(layer, mean, variance):
    """Make these a normalisation's moving statistics."""
    layer.moving_mean.assign(mean)
    layer.moving_variance.assign(variance)


def calibrate(model, pictures):
    """Give every normalisation, from the stem up, the statistics of what reaches it from the images."""
    for layer in normalisations(model):
        seen = ops.convert_to_numpy(keras.Model(model.input, layer.input)(pictures)).astype("float64")
        expect(layer, seen.mean((0, 1, 2)), seen.var((0, 1, 2)))


def divergence(mean, variance, other_mean, other_variance):
    """Kullback and Leibler's, of one normal distribution from another, as textbooks have it."""
    return (
        np.log(np.sqrt(other_variance / variance)) + (variance + (mean - other_mean) ** 2) / (2 * other_variance) - 0.5
    )


def resnet():
    return build("resnet20_cifar", (8, 8, 3))


@pytest.mark.parametrize("make", [small, resnet])
def test_images_that_are_exactly_as_expected_are_at_no_distance(make):
    model, pictures = make(), some_images()
    before = measured(model, pictures)
    calibrate(model, pictures)

    assert before.min() > 0.01
    np.testing.assert_allclose(measured(model, pictures), 0, atol=1e-6)


@pytest.mark.parametrize("epsilon", [1e-3, 0.5])
def test_it_is_half_the_sum_of_both_divergences_of_the_median_channel(epsilon):
    model, pictures = normalise_only(epsilon), some_images()
    mean, variance = (getattr(pictures.astype("float64"), moment)((0, 1, 2)) for moment in ("mean", "var"))
    expected_mean, expected_variance = mean + np.array([0.3, -1.5, 0.1]), variance * np.array([2, 0.25, 9])
    expect(model.get_layer("first"), expected_mean, expected_variance)

    seen, known = (mean, variance + epsilon), (expected_mean, expected_variance + epsilon)
    channels = (divergence(*seen, *known) + divergence(*known, *seen)) / 2

    assert len({*channels.round(2)}) == 3
    assert measured(model, pictures)[0] == pytest.approx(np.median(channels), rel=1e-4)


def test_a_network_with_one_normalisation_has_one_distance():
    image = layers.Input((8, 8, 3))
    model = keras.Model(image, layers.BatchNormalization()(image))

    assert measured(model, some_images()).shape == (1,)


@pytest.mark.parametrize("sizes", [(12,), (6, 6), (1, 11), (5, 4, 3), (1,) * 12])
def test_it_does_not_depend_on_the_batches(sizes):
    model, pictures = small(), some_images()
    batches = np.split(pictures, np.cumsum(sizes)[:-1])

    np.testing.assert_allclose(measured(model, *batches), measured(model, pictures), rtol=1e-4)


def test_a_shift_counts_alike_in_both_directions():
    model, pictures = normalise_only(), some_images()
    calibrate(model, pictures)
    layer = model.get_layer("first")
    mean, variance = (ops.convert_to_numpy(one) for one in (layer.moving_mean, layer.moving_variance))
    found = []
    for shift in (0.7, -0.7):
        expect(layer, mean + shift, variance)
        found.append(measured(model, pictures)[0])

    assert found[0] == pytest.approx(found[1], rel=1e-4)
    assert found[0] > 0.01


def test_twice_the_spread_counts_as_half_of_it_does():
    model, pictures = normalise_only(epsilon=1e-9), some_images()
    calibrate(model, pictures)
    layer = model.get_layer("first")
    mean, variance = (ops.convert_to_numpy(one) for one in (layer.moving_mean, layer.moving_variance))
    found = []
    for factor in (4, 1 / 4):
        expect(layer, mean, variance * factor)
        found.append(measured(model, pictures)[0])

    assert found == pytest.approx([(4 + 1 / 4 - 2) / 4] * 2, rel=1e-4)


@pytest.mark.parametrize("make", [small, resnet])
def test_noise_makes_it_grow(make):
    model, pictures = make(), some_images()
    calibrate(model, pictures)
    noise = np.random.default_rng(5).normal(size=pictures.shape).astype("float32")
    found = [distance(measured(model, pictures + share * noise)) for share in (0, 0.5, 1, 2, 4)]

    assert found == sorted(set(found))


def test_the_statistics_are_the_mean_and_the_mean_square_of_each_image():
    pictures = some_images(5)
    first = statistics(normalise_only())(pictures)["first"]

    np.testing.assert_allclose(first, np.stack([pictures.mean((1, 2)), (pictures**2).mean((1, 2))], 1), rtol=1e-5)


def test_they_are_taken_exactly_in_half_precision():
    above_one = 1 + 2**-7  # the number of bfloat16 that follows 1
    pictures = np.full((2, 8, 8, 3), 1, "float32")
    pictures[:, ::2] = above_one
    with precision("mixed_bfloat16"):
        first = statistics(normalise_only())(pictures)["first"]

    np.testing.assert_array_equal(first[:, 0], np.full((2, 3), (1 + above_one) / 2, "float32"))


def test_the_normalisations_are_those_of_the_network_from_the_stem_up():
    names = [layer.name for layer in normalisations(build_without_weights("resnet20_cifar"))]
    blocks = [f"stage{stage}_block{block}_{half}" for stage in (1, 2, 3) for block in (1, 2, 3) for half in "ab"]

    assert names == [f"{place}_norm" for place in ("stem", *blocks)]


@pytest.mark.parametrize(("name", "options"), [("lenet5", {}), ("vgg11", {}), ("resnet20_cifar", {"norm": "group"})])
def test_a_network_without_batch_normalisation_has_none(name, options):
    assert normalisations(build_without_weights(name, **options)) == []


def test_a_normalisation_of_vectors_does_not_count():
    image = layers.Input((4, 4, 2))
    maps = layers.BatchNormalization(name="maps")(image)
    model = keras.Model(image, layers.BatchNormalization(name="vectors")(layers.GlobalAveragePooling2D()(maps)))

    assert [layer.name for layer in normalisations(model)] == ["maps"]


@pytest.mark.parametrize(("count", "expected"), [(1, 0), (9, 8), (19, 18), (20, 18.5), (49, 46.5)])
def test_the_distance_is_the_mean_over_the_last_tenth(count, expected):
    assert distance(np.arange(count, dtype=float)) == expected
