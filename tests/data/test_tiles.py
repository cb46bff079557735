"""Whole images answered tile by tile."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from kcnn.data import address
from kcnn.data.tiles import Tiling, evaluation_tiles, mirrored
from kcnn.errors import InputError
from kcnn.recipes.data import Masks


@st.composite
def tilings(draw):
    answer = draw(st.integers(1, 12))
    return Tiling(answer + 2 * draw(st.integers(0, 6)), answer, draw(st.integers(0, (answer - 1) // 2)))


def centre(tiles, tiling):
    """A network that answers its input, without the border that it needs."""
    margin = (tiling.tile - tiling.answer) // 2
    return tiles[:, margin : margin + tiling.answer, margin : margin + tiling.answer]


@settings(max_examples=150)
@given(tilings(), st.integers(1, 30), st.integers(1, 30), st.sampled_from([1, 3]))
def test_a_network_that_answers_its_input_gives_back_every_image(tiling, height, width, channels):
    image = np.random.default_rng(0).integers(0, 256, (height, width, channels), np.uint8)

    tiles = tiling.cut(tf.constant(image))
    joined = tiling.join(centre(tiles, tiling), height, width)

    assert tiles.shape == (tiling.count(height, width), tiling.tile, tiling.tile, channels)
    np.testing.assert_array_equal(joined, image)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (16, 16), (5, 40), (33, 17)])
def test_it_works_in_a_graph_that_does_not_know_the_size(size):
    tiling = Tiling(20, 12, 2)

    @tf.function(input_signature=[tf.TensorSpec([None, None, 1], tf.uint8)])
    def there_and_back(image):
        tiles = tiling.cut(image)
        tf.debugging.assert_equal(tf.shape(tiles)[0], tiling.count(tf.shape(image)[0], tf.shape(image)[1]))
        return tiling.join(centre(tiles, tiling), tf.shape(image)[0], tf.shape(image)[1])

    image = np.random.default_rng(0).integers(0, 256, (*size, 1), np.uint8)

    np.testing.assert_array_equal(there_and_back(image), image)


@given(st.integers(1, 9), st.integers(0, 20))
def test_beyond_its_borders_an_image_is_mirrored_as_numpy_does(length, margin):
    expected = np.pad(np.arange(length), margin, mode="reflect")

    np.testing.assert_array_equal(mirrored(np.arange(-margin, length + margin), length), expected)


def test_a_tile_sees_what_lies_around_its_answer():
    image = np.arange(8 * 8, dtype=np.uint8).reshape(8, 8, 1)
    tiles = Tiling(tile=8, answer=4).cut(tf.constant(image))
    padded = np.pad(image[..., 0], 2, mode="reflect")

    np.testing.assert_array_equal(tiles[3, :, :, 0], padded[4:12, 4:12])


@pytest.mark.parametrize(
    ("sides", "message"),
    [
        ((16, 12, 6), "data.overlap must be less than half of the network's answer of side 12, got 6"),
        ((16, 13, 0), "an answer of side 13 cannot lie centred in a tile of side 16"),
        ((16, 18, 0), "an answer of side 18 cannot lie centred"),
    ],
)
def test_a_tiling_that_cannot_be_is_refused(sides, message):
    with pytest.raises(InputError, match=message):
        Tiling(*sides)


@pytest.fixture
def examples(tissue):
    return address.load(Masks(source=str(tissue), folds=2, ignore=3)).splits["test"]


@pytest.mark.parametrize("tiling", [Tiling(16, 16, 2), Tiling(20, 12, 1), Tiling(64, 64, 0), Tiling(12, 2, 0)])
@pytest.mark.parametrize(("batch_size", "replicas"), [(1, 1), (7, 1), (8, 2), (1000, 3)])
def test_every_tile_of_every_image_comes_once_and_in_order(examples, tiling, batch_size, replicas):
    batches = evaluation_tiles(examples, tiling, batch_size, replicas)
    images, numbers, weights = (np.concatenate(column) for column in zip(*batches, strict=True))
    images, numbers = images[weights > 0], numbers[weights > 0]

    np.testing.assert_array_equal(numbers, np.arange(sum(tiling.count(*size) for size in examples.sizes)))
    first = 0
    for index, (height, width) in enumerate(examples.sizes):
        tiles = slice(first, first + tiling.count(height, width))
        first = tiles.stop
        np.testing.assert_array_equal(images[tiles], tiling.cut(tf.constant(examples.image(index))))
        answers = tf.constant(centre(images[tiles], tiling))
        np.testing.assert_array_equal(tiling.join(answers, height, width), examples.image(index))
    assert first == len(images)


@pytest.mark.parametrize("tiling", [Tiling(16, 16, 2), Tiling(20, 12, 1), Tiling(12, 2, 0)])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (7, 30), (24, 24)])
def test_every_pixel_of_an_image_is_answered_by_exactly_one_place_of_one_tile(tiling, height, width):
    count = tiling.count(height, width)
    places = tf.reshape(tf.range(count * tiling.answer**2), [count, tiling.answer, tiling.answer, 1])

    joined = tiling.join(places, height, width).numpy().ravel()

    assert len(joined) == len(set(joined.tolist())) == height * width
