"""Splits, statistics and fingerprint of a source."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcnn.data import address
from kcnn.data.source import share_out, standardisation
from kcnn.errors import DataError, InputError
from kcnn.recipes.data import Images


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=60), st.floats(0, 0.99), st.integers(0, 5))
def test_shares_are_disjoint_make_the_whole_and_leave_every_class_an_example(labels, share, seed):
    labels = np.array(labels)
    rest, part = share_out(labels, share, seed)
    assert sorted([*rest, *part]) == list(range(len(labels)))
    assert set(labels[rest]) == set(labels)


def test_shares_depend_on_the_seed_and_on_nothing_else():
    labels = np.repeat(np.arange(10), 30)
    assert np.array_equal(share_out(labels, 0.2, 1)[1], share_out(labels, 0.2, 1)[1])
    assert not np.array_equal(share_out(labels, 0.2, 1)[1], share_out(labels, 0.2, 2)[1])


def test_standardisation_is_mean_and_deviation_of_the_pixels():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 6, 7), np.uint8)
    histogram = np.bincount(pixels.ravel(), minlength=256)[np.newaxis]
    mean, std = standardisation(histogram)
    assert mean[0] == pytest.approx((pixels / 255).mean(), abs=1e-6)
    assert std[0] == pytest.approx((pixels / 255).std(), abs=1e-6)


def test_a_channel_that_never_varies_gets_deviation_1():
    assert standardisation(np.bincount([7], minlength=256)[np.newaxis])[1] == (1.0,)


def test_the_digits_are_all_there_once():
    source = address.load(Images(source="digits"))
    assert sum(source.counts.values()) == 1797
    assert list(source.counts) == ["train", "val", "test"]
    assert source.choosing == "val"
    items = [item for examples in source.splits.values() for item in examples.items]
    assert len(items) == 1797
    assert source.example_shape == (8, 8, 1)


def test_the_digits_are_scikit_learn_s():
    from sklearn.datasets import load_digits

    source = address.load(Images(source="digits", validation=0))
    ours = np.concatenate([source.splits[name].pixels for name in ("train", "test")]).sum()
    assert ours == np.round(load_digits().images * 255 / 16).sum()


def test_the_fingerprint_is_of_content_not_of_size():
    small, large = (address.load(Images(source="digits", size=size)) for size in (8, 12))
    assert small.fingerprint == large.fingerprint
    assert address.load(Images(source="digits", split_seed=1)).fingerprint != small.fingerprint


def test_no_share_for_validation_leaves_nothing_to_choose_by():
    source = address.load(Images(source="digits", validation=0))
    assert source.choosing is None
    assert list(source.counts) == ["train", "test"]


@pytest.mark.parametrize(
    ("name", "message"),
    [("digit", "unknown dataset 'digit': did you mean 'digits'"), ("./nowhere", "./nowhere is not there")],
)
def test_an_address_that_names_nothing_is_refused(name, message):
    with pytest.raises(InputError, match=message):
        address.check(Images(source=name))


def test_a_path_that_is_not_there_is_a_fault_of_the_data():
    with pytest.raises(DataError):
        address.check(Images(source="photos/of/nothing"))


@pytest.mark.data
def test_tfds_mnist_is_complete_and_split_exactly(data):
    source = address.load(Images(source="tfds:mnist", size=32, fit="pad"))
    assert source.counts["train"] + source.counts["val"] == 60_000
    assert source.counts["test"] == 10_000
    assert source.classes == tuple("0123456789")
    assert np.bincount(source.splits["test"].labels).tolist() == [
        980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009
    ]  # fmt: skip


@pytest.mark.data
def test_a_tfds_name_that_does_not_exist_is_answered_with_the_nearest(data):
    with pytest.raises(InputError, match="unknown dataset 'mnits': did you mean 'mnist'"):
        address.load(Images(source="tfds:mnits"))


@pytest.mark.data
def test_a_tfds_dataset_without_images_is_refused(data):
    with pytest.raises(InputError, match="spoken_digit has .*audio.*needs image and label"):
        address.load(Images(source="tfds:spoken_digit"))


@pytest.mark.data
def test_ants_and_bees_report_on_val_and_choose_on_a_part_of_train(data):
    source = address.load(Images(source=str(data / "hymenoptera"), size=32))
    assert source.counts["val"] == 153
    assert source.counts["train"] + source.counts["holdout"] == 243
    assert source.choosing == "holdout"
