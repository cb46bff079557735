"""Which words speak for a class: a network whose weights are written by hand, so that it is known."""

import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.explain.words import word_evidence
from kcnn.models import build

PADDING, UNKNOWN, GOOD, BAD, NOT, FILM = range(6)
NEGATIVE, POSITIVE = 0, 1


@pytest.fixture(scope="module")
def critic():
    """Good is 2 for positive, bad is 3 for negative, not good is 4 for negative; negative has a bias of 0.5."""
    options = {"vocabulary": 6, "dimensions": 4, "windows": [1, 2], "filters": 2}
    model = build("text_cnn", (None,), 2, **options)
    vectors, of_words, of_pairs = np.zeros((6, 4)), np.zeros((1, 4, 2)), np.zeros((2, 4, 2))
    vectors[[GOOD, BAD, NOT, FILM], range(4)] = 1
    of_words[0, 0, 0] = of_words[0, 1, 1] = 1
    of_pairs[0, 2, 0] = of_pairs[1, 0, 0] = 1
    model.get_layer("words").set_weights([vectors])
    model.get_layer("window1_conv").set_weights([of_words, np.zeros(2)])
    model.get_layer("window2_conv").set_weights([of_pairs, np.array([-1.0, 0])])
    kernel = np.array([[0.0, 2], [3, 0], [4, 0], [0, 0]])
    model.get_layer("logits").set_weights([kernel, np.array([0.5, 0])])
    return model


def evidence(model, *words, label=POSITIVE):
    return word_evidence(model, np.array(words), label)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((FILM, GOOD), (0, 2)),
        ((BAD, FILM, FILM), (-3, 0, 0)),
        ((NOT, GOOD, FILM), (-2, 2 - 2, 0)),  # what two words say together is shared between them
        ((GOOD, NOT), (2, 0)),
        ((GOOD, FILM, BAD), (2, 0, -3)),
        ((GOOD, FILM, GOOD), (1, 0, 1)),  # what is said twice counts once
        ((UNKNOWN, FILM), (0, 0)),
        ((GOOD,), (2,)),
    ],
)
def test_a_word_says_what_its_filters_make_of_it(critic, words, expected):
    found = evidence(critic, *words)

    np.testing.assert_allclose(found.words, expected, atol=1e-6)
    assert found.rest == pytest.approx(-0.5)
    assert found.logits[POSITIVE] - found.logits[NEGATIVE] == pytest.approx(sum(expected) - 0.5)


def test_what_speaks_for_one_of_two_classes_speaks_against_the_other(critic):
    one, other = (evidence(critic, NOT, GOOD, FILM, BAD, label=label) for label in (POSITIVE, NEGATIVE))

    np.testing.assert_allclose(one.words, -other.words)
    assert one.rest == -other.rest
    np.testing.assert_array_equal(one.logits, other.logits)


@pytest.fixture(scope="module")
def random():
    """Weights that were drawn, biases too, and three classes."""
    keras.utils.set_random_seed(0)
    options = {"vocabulary": 20, "dimensions": 5, "windows": [2, 3, 5], "filters": 7}
    model = build("text_cnn", (None,), 3, **options)
    generator = np.random.default_rng(0)
    for variable in model.trainable_variables:
        variable.assign(generator.normal(0, 0.5, variable.shape))
    return model


@pytest.mark.parametrize("words", [1, 2, 4, 5, 6, 30])
@pytest.mark.parametrize("label", [0, 2])
def test_words_and_rest_together_are_the_logit_less_the_mean_of_the_others(random, words, label):
    numbers = np.random.default_rng(words).integers(1, 20, words)

    found = evidence(random, *numbers, label=label)

    others = np.delete(found.logits, label).mean()
    assert found.words.shape == (words,)
    assert found.words.sum() + found.rest == pytest.approx(found.logits[label] - others, rel=1e-5)
    np.testing.assert_allclose(found.logits, random(numbers[np.newaxis])[0], rtol=1e-6)


def test_the_rest_is_that_of_the_biases_behind_the_maximum_whatever_the_text(random):
    drawn = np.random.default_rng(1)
    rests = [evidence(random, *drawn.integers(1, 20, words), label=1).rest for words in (1, 3, 8, 20)]

    bias = random.get_layer("logits").get_weights()[1]
    np.testing.assert_allclose(rests, bias[1] - np.delete(bias, 1).mean(), atol=1e-5)


def test_an_explanation_changes_no_weight(random):
    before = random.get_weights()

    evidence(random, 3, 4, 5)

    for one, other in zip(before, random.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_channel_that_does_not_learn_is_looked_through_too():
    keras.utils.set_random_seed(0)
    model = build("text_cnn", (None,), 2, vocabulary=20, dimensions=5, windows=[3], filters=4, embedding="static")
    model.get_layer("logits").kernel.assign(np.random.default_rng(0).normal(size=(4, 2)))

    found = evidence(model, 2, 3, 4, 5)

    assert np.abs(found.words).max() > 0
    assert found.words.sum() + found.rest == pytest.approx(found.logits[1] - found.logits[0], rel=1e-5)


@pytest.mark.parametrize("label", [-1, 2])
def test_a_class_that_there_is_not_is_refused(critic, label):
    with pytest.raises(InputError, match=f"label must be at least 0 and below 2, got {label}"):
        evidence(critic, GOOD, label=label)


def test_a_text_without_words_is_refused(critic):
    with pytest.raises(InputError, match="the text has no words"):
        evidence(critic)


@pytest.mark.parametrize(("name", "shape"), [("lenet5", (32, 32, 1)), ("gru", (5, 1))])
def test_a_network_without_windows_over_words_is_refused(name, shape):
    with pytest.raises(InputError, match=f"{name} has no windows over words that could be looked at"):
        evidence(build(name, shape, 2), GOOD)
