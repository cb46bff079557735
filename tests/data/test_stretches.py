"""Stretches of clips, by index, and how they are made ready."""

import json

import numpy as np
import pytest
import tensorflow as tf

from kcnn.data import stretches
from kcnn.data.pipeline import evaluation_batches, training_batches
from kcnn.data.preparation import preparation
from kcnn.data.preprocessing import Preprocessing
from kcnn.data.stretches import Made, VideoExamples, VideoPreparation
from kcnn.seeds import generator
from tests.films import numbered, numbers


def prepared(frames=4, size=(24, 32), channels=1, **options):
    return VideoPreparation(frames, None, Preprocessing(*size, channels, options.pop("fit", "cover"), **options))


def examples(lengths, **options):
    clips = [Made(numbered(length)[..., :1]) for length in lengths]
    return VideoExamples(clips, np.arange(len(lengths)) % 2, prepared(**options))


def test_an_evaluation_sees_the_middle_of_each_clip():
    stretches = examples([4, 5, 6, 7, 12]).inputs(np.arange(5))

    assert (stretches.shape, stretches.dtype) == ((5, 4, 24, 32, 1), np.uint8)
    assert [numbers(each)[0] for each in stretches] == [0, 0, 1, 1, 4]
    assert all(np.diff(numbers(each)).tolist() == [1, 1, 1] for each in stretches)


def test_a_shorter_clip_goes_on_with_its_last_frame_and_a_still_stands():
    for seen in (examples([3, 1]).inputs, lambda indices: examples([3, 1]).drawn(indices, generator(0))):
        assert [numbers(each) for each in seen(np.array([0, 1]))] == [[0, 1, 2, 2], [0, 0, 0, 0]]


def test_a_drawn_stretch_begins_anywhere_each_beginning_as_likely():
    part = examples([7])
    begins = [numbers(each)[0] for each in part.drawn(np.zeros(4000, int), generator(0))]

    counts = np.bincount(begins)

    assert counts.tolist() == pytest.approx([1000] * 4, abs=120)


def test_the_same_generator_draws_the_same_stretches():
    part, indices = examples([20, 4, 9, 20]), np.array([3, 0, 1, 2])
    one, again, other = (part.drawn(indices, generator(seed)) for seed in (1, 1, 2))

    np.testing.assert_array_equal(one, again)
    assert not np.array_equal(one, other)


def batches(part, workers=None, **options):
    given = {"batch_size": 4, "seed": 3, "epoch": 0, "draw": part.drawn, "workers": workers} | options
    return [(seen.numpy(), labels.numpy()) for seen, labels, _ in training_batches(part, **given)]


def test_batches_of_training_do_not_depend_on_the_workers_or_on_where_an_epoch_is_gone_on_with():
    part = examples([20] * 10)
    one, three, rest = batches(part, 1), batches(part, 3), batches(part, start=1)

    for seen, again in zip(one, three, strict=True):
        np.testing.assert_array_equal(seen[0], again[0])
    for seen, again in zip(one[1:], rest, strict=True):
        np.testing.assert_array_equal(seen[0], again[0])


def test_another_epoch_and_another_seed_see_other_stretches_of_the_same_clips():
    part = examples([20] * 3)
    found = [
        np.sort([numbers(clip)[0] for clip in batches(part, **options)[0][0]]).tolist()
        for options in ({"epoch": 0}, {"epoch": 1}, {"seed": 4})
    ]

    assert found[0] != found[1]
    assert found[0] != found[2]


def test_an_evaluation_sees_every_clip_once():
    part = examples([20] * 5)
    seen = [labels.numpy()[weights.numpy() > 0] for _, labels, weights in evaluation_batches(part, 2)]

    np.testing.assert_array_equal(np.concatenate(seen), part.labels)


def test_some_are_spread_over_all():
    part = examples(range(1, 12))

    few = part.some(3)

    assert [clip.moments for clip in few.clips] == [1, 6, 11]
    assert few.labels.tolist() == [0, 1, 0]
    assert len(part.some(99)) == 11


@pytest.mark.parametrize("fit", ["cover", "pad", "stretch"])
@pytest.mark.parametrize("channels", [1, 3])
def test_each_frame_is_fitted_as_an_image_is(fit, channels):
    noise = np.random.default_rng(0).integers(0, 256, (5, 17, 29, 1), np.uint8)
    ready = prepared(frames=5, size=(12, 10), channels=channels, fit=fit)

    (seen,) = VideoExamples([Made(noise)], np.array([0]), ready).inputs(np.array([0]))

    assert seen.shape == ready.shape == (5, 12, 10, channels)
    for frame, given in zip(seen, noise, strict=True):
        np.testing.assert_array_equal(frame, ready.image.fitted(tf.constant(np.repeat(given, channels, -1))))


@pytest.mark.parametrize("together", [1, 1500, 1 << 22])
def test_how_many_frames_are_fitted_at_once_does_not_matter(monkeypatch, together):
    noise = np.random.default_rng(0).integers(0, 256, (7, 17, 29, 1), np.uint8)
    expected = prepared(frames=7, size=(12, 10)).stretch(noise)
    monkeypatch.setattr(stretches, "TOGETHER", together)
    fitted, held = VideoPreparation._fitted, []
    monkeypatch.setattr(VideoPreparation, "_fitted", lambda self, few: held.append(len(few)) or fitted(self, few))

    np.testing.assert_array_equal(prepared(frames=7, size=(12, 10)).stretch(noise), expected)
    assert max(held) == {1: 1, 1500: 3, 1 << 22: 7}[together]


def test_frames_of_the_network_s_size_are_not_touched():
    noise = np.random.default_rng(0).integers(0, 256, (4, 24, 32, 1), np.uint8)

    np.testing.assert_array_equal(prepared().stretch(noise), noise)


def test_what_a_network_sees_is_standardised_as_images_are_and_survives_json():
    ready = VideoPreparation(8, 12.5, Preprocessing(24, 32, 3, "pad", (0.1, 0.2, 0.3), (0.5, 0.6, 0.7)))
    clips = np.random.default_rng(0).integers(0, 256, (2, 8, 24, 32, 3), np.uint8)

    again = preparation(json.loads(json.dumps(ready.to_json())))

    assert again == ready
    assert ready.shape == ready.typical_shape == (8, 24, 32, 3)
    expected = (clips / 255 - [0.1, 0.2, 0.3]) / [0.5, 0.6, 0.7]
    np.testing.assert_allclose(again.standardize(tf.constant(clips)), expected, atol=1e-5)
