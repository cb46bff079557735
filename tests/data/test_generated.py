"""The generated problems, against how Hochreiter and Schmidhuber 1997 and Bai et al. 2018 define them."""

import numpy as np
import pytest

from kcnn.data import address
from kcnn.data.generated import DIGITS, REMEMBERED
from kcnn.errors import InputError
from kcnn.evaluation import blind
from kcnn.recipes.series import Series


def adding(**options):
    return address.load(Series(**{"source": "adding", "task": "regression", "length": 21, "examples": 40} | options))


def copy(**options):
    return address.load(Series(**{"source": "copy", "task": "labelling", "length": 12, "examples": 40} | options))


def every(source):
    return [np.stack([values for part in source.splits.values() for values in getattr(part, name)]) for name in FIELDS]


FIELDS = ("values", "truths")


# Adding


@pytest.mark.parametrize("length", [2, 21, 40])
def test_of_each_half_one_number_is_marked_and_their_sum_is_asked(length):
    values, truths = every(adding(length=length))

    numbers, marks = values[..., 0], values[..., 1]
    assert values.shape == (44, length, 2)
    assert np.all((numbers >= 0) & (numbers < 1))
    assert set(np.unique(marks)) <= {0, 1}
    half = length // 2
    np.testing.assert_array_equal([marks[:, :half].sum(1), marks[:, half:].sum(1)], 1)
    np.testing.assert_allclose(truths, (numbers * marks).sum(1, keepdims=True), rtol=1e-6)


def test_any_place_of_a_half_can_be_marked():
    values, _ = every(adding(length=7, examples=400))

    assert (values[..., 1].sum(0) > 20).all()


def test_a_series_to_add_is_given_as_it_is_and_answered_as_a_whole():
    source = adding()

    assert source.example_shape == source.typical_shape == (21, 2)
    assert source.classes == ("sum",)
    assert source.options == {"answer": "last"}
    assert source.counts == {"train": 36, "val": 4, "test": 4}
    values = source.splits["train"].values
    np.testing.assert_array_equal(source.preprocessing.standardize(values), values)


def test_without_a_length_the_sums_are_of_600_steps_and_the_copies_over_1000():
    assert adding(length=None, examples=2).example_shape == (600, 2)
    assert copy(length=None, examples=2).typical_shape == (1020, 1)


# Copy memory


def test_digits_stand_at_the_beginning_and_are_asked_behind_the_sign():
    values, truths = every(copy())

    series = values[..., 0]
    assert series.shape == truths.shape == (44, 12 + 20)
    digits = series[:, :REMEMBERED]
    assert set(np.unique(digits)) == set(range(1, DIGITS + 1))
    np.testing.assert_array_equal(series[:, 10:21], 0)  # length - 1 blanks
    np.testing.assert_array_equal(series[:, 21:], 9)  # the sign, and ten more of it while the answer is given
    np.testing.assert_array_equal(truths[:, :-10], 0)
    np.testing.assert_array_equal(truths[:, -10:], digits)


def test_a_series_to_copy_has_a_name_for_each_symbol_and_any_length():
    source = copy()

    assert source.classes == ("blank", "1", "2", "3", "4", "5", "6", "7", "8", "now")
    assert (source.example_shape, source.typical_shape) == ((None, 1), (32, 1))
    assert source.options == {"answer": "every"}
    assert source.splits["train"].truths.dtype == np.int64


# Both


@pytest.mark.parametrize("made", [adding, copy])
def test_the_same_seed_draws_the_same_and_another_one_others(made):
    same, again, other = made(), made(), made(split_seed=1)

    assert same.fingerprint == again.fingerprint
    for one, two in zip(every(same), every(again), strict=True):
        np.testing.assert_array_equal(one, two)
    assert same.fingerprint != other.fingerprint
    assert not np.array_equal(every(same)[1], every(other)[1])


@pytest.mark.parametrize("made", [adding, copy])
def test_no_series_of_test_is_one_of_train(made):
    source = made(examples=200)
    digests = {name: set(part) for name, part in source.digests.items()}

    assert source.counts == {"train": 180, "val": 20, "test": 20}
    assert {name: len(part) for name, part in digests.items()} == source.counts
    assert not digests["test"] & (digests["train"] | digests["val"])


def test_two_problems_of_one_seed_are_not_drawn_alike():
    sums, digits = every(adding(length=32))[0][..., 0], every(copy())[0][:, :10, 0]

    assert abs(np.corrcoef(sums[:, :10].ravel(), digits.ravel())[0, 1]) < 0.2


def test_who_is_blind_to_what_is_added_has_a_loss_of_a_sixth():
    train = adding(examples=20_000, length=10).splits["train"]

    assert blind.numbers(train.truths) == pytest.approx(1 / 6, rel=0.03)


@pytest.mark.parametrize("length", [12, 100])
def test_who_remembers_nothing_of_the_digits_has_the_loss_of_the_paper(length):
    train = copy(examples=3000, length=length).splits["train"]

    assert blind.labelled_steps(train.truths) == pytest.approx(10 * np.log(8) / (length + 20), rel=0.002)


def test_a_single_series_for_training_comes_with_one_for_test():
    assert adding(examples=1).counts == {"train": 1, "test": 1}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"source": "adding", "task": "labelling"}, "data.task of adding must be regression, got labelling"),
        ({"source": "copy", "task": "prediction"}, "data.task of copy must be labelling, got prediction"),
        ({"source": "adding", "task": "regression", "length": 1}, "data.length of adding must be at least 2, got 1"),
        ({"source": "copy", "task": "labelling", "permuted": True}, "data.permuted is for images that are read pixel"),
        ({"source": "addin", "task": "regression"}, "unknown source of series 'addin': did you mean 'adding'?"),
    ],
)
def test_what_cannot_be_generated_is_refused(options, message):
    with pytest.raises(InputError) as refused:
        address.check(Series(**options))
    assert message in str(refused.value)
