import keras
import numpy as np
import pytest
import tensorflow as tf

from kcnn.layers import MotionChannels
from kcnn.models import build, build_without_weights
from kcnn.models.fields import frames_seen, receptive_fields
from kcnn.models.summary import summarise
from tests.contracts.clips import ClipContract

CHANNELS = ("grey", "gradx", "grady", "flowx", "flowy")


class TestContract(ClipContract):
    name, options, shape = "ji2013", {}, (6, 24, 22, 1)


def maps(model, ending):
    """Frames, height, width and maps of each of the five channels behind the layers of that name."""
    return [model.get_layer(f"{channel}_{ending}").output.shape[1:] for channel in CHANNELS]


@pytest.mark.parametrize(
    ("ending", "frames", "picture", "sets", "count"),
    [
        ("h1", (7, 7, 7, 6, 6), (60, 40), 1, 33),
        ("c2", (5, 5, 5, 4, 4), (54, 34), 2, 23 * 2),
        ("s3", (5, 5, 5, 4, 4), (27, 17), 2, 23 * 2),
        ("c4", (3, 3, 3, 2, 2), (21, 12), 6, 13 * 6),
        ("s5", (3, 3, 3, 2, 2), (7, 4), 6, 13 * 6),
    ],
)
def test_maps_and_their_sizes_are_those_of_figure_3(ending, frames, picture, sets, count):
    found = maps(build_without_weights("ji2013"), ending)

    assert found == [(number, *picture, sets) for number in frames]
    assert sum(shape[0] * shape[-1] for shape in found) == count


def test_c6_has_128_maps_of_one_place_that_see_all_78():
    model = build_without_weights("ji2013")

    assert model.get_layer("stem").output.shape[1:] == (33, 60, 40, 1)
    assert model.get_layer("features").output.shape[1:] == (7, 4, 78)
    assert model.get_layer("c6").kernel.shape == (7, 4, 78, 128)
    assert model.get_layer("c6").output.shape[1:] == (1, 1, 128)
    assert model.output.shape == (None, 3)


def test_parameters_are_the_papers_but_for_the_biases_of_c6():
    counts = {"c2": 0, "s3": 0, "c4": 0, "s5": 0, "c6": 0, "logits": 0}
    for layer in build_without_weights("ji2013").layers:
        kind = next((kind for kind in counts if kind in layer.name.split("_")), None)
        if layer.weights:
            counts[kind] += layer.count_params()

    paper = {"c2": 1_480, "s3": 92, "c4": 3_810, "s5": 156, "c6": 289_536, "logits": 384}
    assert sum(paper.values()) == 295_458
    assert paper["c6"] == 128 * 78 * (7 * 4 + 1)  # a bias for each connection of two maps
    assert counts == paper | {"c6": 128 * (78 * 7 * 4 + 1)}
    assert sum(counts.values()) == 295_458 - 77 * 128 == 285_602


def test_multiply_adds_are_those_counted_by_hand():
    c2, s3 = 46 * 54 * 34 * 147, 46 * 27 * 17
    c4, s5 = 78 * 21 * 12 * 126, 78 * 7 * 4
    c6, output = 128 * 78 * 28, 128 * 3

    assert summarise(build_without_weights("ji2013")).multiply_adds == c2 + s3 + c4 + s5 + c6 + output


def test_channels_meet_in_c6_and_not_before():
    model = build("ji2013")
    until = keras.Model(model.get_layer("stem").output, model.get_layer("features").output)
    hard_wired = np.random.default_rng(0).normal(size=(1, 33, 60, 40, 1)).astype("float32")
    before = np.asarray(until(hard_wired))

    ends, columns = np.cumsum([0, 7, 7, 7, 6, 6]), np.cumsum([0, 18, 18, 18, 12, 12])
    for channel in range(5):
        changed = hard_wired.copy()
        changed[:, ends[channel] : ends[channel + 1]] += 1
        moved = np.any(np.asarray(until(changed)) != before, axis=(0, 1, 2))
        assert np.flatnonzero(moved).tolist() == list(range(columns[channel], columns[channel + 1]))


def test_the_two_sets_of_c2_do_not_meet_in_c4():
    model = build_without_weights("ji2013")

    assert model.get_layer("grey_c4_1_conv").kernel.shape == (3, 7, 6, 1, 3)
    assert model.get_layer("grey_c4_2_conv").kernel.shape == (3, 7, 6, 1, 3)


def test_the_hard_wired_channels_are_not_trained_and_cost_nothing():
    (layer,) = [layer for layer in build_without_weights("ji2013").layers if isinstance(layer, MotionChannels)]

    assert layer.weights == []


@pytest.mark.parametrize("layer", ["h1", "c2", "s5"])
def test_each_channel_sees_as_far_as_what_moves_it(layer):
    """A place in the middle has a gradient for every number that it sees."""
    model = build("ji2013", (8, 60, 40, 1), 3)
    fields, frames = receptive_fields(model), frames_seen(model)
    clip = tf.constant(np.random.default_rng(0).normal(size=(1, 8, 60, 40, 1)).astype("float32"))

    for channel in CHANNELS:
        name = f"{channel}_{layer}"
        until = keras.Model(model.input, model.get_layer(name).output)
        with tf.GradientTape() as tape:
            tape.watch(clip)
            maps = until(clip)
            _, count, height, width, _ = maps.shape
            place = tf.reduce_sum(maps[0, count // 2, height // 2, width // 2])
        seen = np.abs(tape.gradient(place, clip)[0, ..., 0]) > 0
        for axes, size in (((1, 2), frames[name]), ((0, 2), fields[name].size)):
            places = np.flatnonzero(seen.any(axis=axes))
            assert places[-1] - places[0] + 1 == size, name


def test_a_place_of_s5_sees_five_or_six_frames_of_24_to_30_pixels_and_c6_all():
    model = build_without_weights("ji2013")

    # C2 and C4 add 2 and 2 frames, 6 and 12 pixels, subsampling 1 and 4. Flow sees two frames and 7 pixels (gradients
    # of 3 in windows of 5), the gradient along the height 3.
    assert [frames_seen(model)[f"{channel}_s5"] for channel in CHANNELS] == [5, 5, 5, 6, 6]
    rows = [receptive_fields(model)[f"{channel}_s5"].size for channel in CHANNELS]
    assert rows == [before + 6 + 1 + 6 * 2 + 2 * 2 for before in (1, 1, 3, 7, 7)]
    assert frames_seen(model)["c6"] == 7


def test_its_taps_exist_in_order():
    names = [layer.name for layer in build_without_weights("ji2013").layers]

    assert [name for name in names if name in ("stem", "features", "pooled", "logits")] == [
        "stem",
        "features",
        "pooled",
        "logits",
    ]
