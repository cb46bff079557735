"""What is minimised and reported, against NumPy and against what can be worked out by hand."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.special import expit, log_softmax

from kcnn.training.objectives import (
    WHOLE,
    Adversarial,
    Classification,
    Reconstruction,
    Segmentation,
    Variational,
    centre,
)

RNG = np.random.default_rng(0)


def values(judgement, objective):
    return dict(zip(objective.reported, (value.numpy() for value in judgement.reported), strict=True))


def test_a_classifier_is_judged_by_cross_entropy_and_by_its_largest_logit():
    logits, labels = RNG.normal(size=(5, 3)).astype("float32"), np.array([0, 1, 2, 2, 0])

    found = values(Classification().judge(None, tf.constant(labels), tf.constant(logits)), Classification)

    np.testing.assert_allclose(found["loss"], -log_softmax(logits, -1)[np.arange(5), labels], rtol=1e-5)
    np.testing.assert_array_equal(found["accuracy"], logits.argmax(-1) == labels)


def segmented(side, answer, classes=3, count=2):
    truth = RNG.integers(0, classes, (count, side, side)).astype(np.uint8)
    weights = RNG.choice([0.0, 1.0, 4.0], (count, side, side)).astype("float32")
    logits = RNG.normal(size=(count, answer, answer, classes)).astype("float32")
    return truth, weights, logits


@pytest.mark.parametrize(("side", "answer"), [(6, 6), (10, 4)])
def test_pixels_are_judged_by_weighted_cross_entropy_about_the_centre(side, answer):
    truth, weights, logits = segmented(side, answer)
    middle = slice((side - answer) // 2, (side + answer) // 2)
    inner, w = truth[:, middle, middle], weights[:, middle, middle]
    logs = np.take_along_axis(log_softmax(logits, -1), inner[..., np.newaxis], -1)[..., 0]

    judged = Segmentation().judge(None, {"classes": tf.constant(truth), "weights": tf.constant(weights)}, logits)
    found = values(judged, Segmentation)

    np.testing.assert_allclose(found["loss"], (-w * logs).mean((1, 2)), rtol=1e-5)
    np.testing.assert_allclose(judged.minimised[WHOLE], found["loss"])
    right = [np.mean((logits.argmax(-1) == inner)[index][w[index] > 0]) for index in range(2)]
    np.testing.assert_allclose(found["accuracy"], right, rtol=1e-6)


def test_a_pixel_of_weight_0_may_bear_any_class():
    truth, weights, logits = segmented(4, 4)
    strange = np.where(weights == 0, 255, truth).astype(np.uint8)

    one, other = (
        values(
            Segmentation().judge(None, {"classes": tf.constant(t), "weights": tf.constant(weights)}, logits),
            Segmentation,
        )
        for t in (truth, strange)
    )

    np.testing.assert_array_equal(one["loss"], other["loss"])
    assert np.isfinite(other["loss"]).all()


def test_the_centre_of_a_map_as_large_as_itself_is_the_map():
    maps = tf.reshape(tf.range(18), (2, 3, 3))

    np.testing.assert_array_equal(centre(maps, 3, 3), maps)
    np.testing.assert_array_equal(centre(maps, 1, 1), maps[:, 1:2, 1:2])


def test_a_reconstruction_is_judged_by_the_entropy_of_its_pixels():
    seen = RNG.random((2, 4, 4, 1)).astype("float32")
    logits = RNG.normal(size=seen.shape).astype("float32")
    shares = expit(logits.astype(float))

    found = values(Reconstruction().judge(tf.constant(seen), None, tf.constant(logits)), Reconstruction)

    entropy = -(seen * np.log(shares) + (1 - seen) * np.log(1 - shares))
    np.testing.assert_allclose(found["loss"], entropy.sum((1, 2, 3)), rtol=1e-5)
    np.testing.assert_allclose(found["squared_error"], ((seen - shares) ** 2).mean((1, 2, 3)), rtol=1e-4)


def test_the_divergence_is_that_of_sampled_normal_densities():
    mean, log_variance = np.array([[0.5, -1.0]], "float32"), np.array([[0.2, -0.7]], "float32")
    seen, logits = np.full((1, 2, 2, 1), 0.5, "float32"), np.zeros((1, 2, 2, 1), "float32")
    answered = {"logits": tf.constant(logits), "mean": tf.constant(mean), "log_variance": tf.constant(log_variance)}

    found = values(Variational().judge(tf.constant(seen), None, answered), Variational)

    draws = mean + np.exp(log_variance / 2) * RNG.normal(size=(400_000, 2))
    density = -0.5 * ((draws - mean) ** 2 / np.exp(log_variance) + log_variance)
    assert found["divergence"][0] == pytest.approx((density + 0.5 * draws**2).sum(-1).mean(), rel=0.01)
    assert found["loss"][0] == pytest.approx(found["divergence"][0] + found["reconstruction"][0], rel=1e-6)
    assert found["reconstruction"][0] == pytest.approx(4 * np.log(2), rel=1e-6)


def test_a_code_that_is_standard_normal_has_no_divergence():
    zeros = tf.zeros((3, 5))
    pixels = tf.zeros((3, 2, 2, 1))

    judged = Variational().judge(pixels, None, {"logits": pixels, "mean": zeros, "log_variance": zeros})

    np.testing.assert_array_equal(values(judged, Variational)["divergence"], 0)


def test_each_of_two_adversaries_has_a_loss_of_its_own():
    answered = {"real": tf.constant([2.0, 0.0]), "fake": tf.constant([-1.0, 3.0]), "image": tf.zeros((2, 4, 4, 1))}

    judged = Adversarial(smoothing=0.1).judge(None, None, answered)
    found = values(judged, Adversarial)

    real, fake = expit(np.array([2.0, 0.0])), expit(np.array([-1.0, 3.0]))
    discriminator = -(0.9 * np.log(real) + 0.1 * np.log(1 - real)) - np.log(1 - fake)
    np.testing.assert_allclose(judged.minimised["discriminator"], discriminator, rtol=1e-5)
    np.testing.assert_allclose(judged.minimised["generator"], -np.log(fake), rtol=1e-5)
    np.testing.assert_allclose(found["loss"], discriminator - np.log(fake), rtol=1e-5)
    np.testing.assert_allclose(found["fake_probability"], fake, rtol=1e-5)


def test_what_generative_objectives_evaluate_is_what_they_report():
    seen = tf.constant(RNG.random((3, 4, 4, 1)).astype("float32"))
    logits = tf.zeros((3, 4, 4, 1))

    rows = Reconstruction().evaluated(seen, None, logits)

    judged = Reconstruction().judge(seen, None, logits)
    np.testing.assert_array_equal(rows, np.stack(judged.reported, -1))
