import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers.s_cells import SCells
from kcnn.models import build
from kcnn.models.neocognitron import digits
from kcnn.training.neocognitron import moved, reinforce, representatives, self_organise

SHIFTS = [(down, right) for down in range(-2, 3) for right in range(-2, 3)]


def fresh(planes=24):
    return build("neocognitron", classes=planes)


@pytest.fixture(scope="module")
def taught():
    model = fresh()
    self_organise(model, digits(), seed=0)
    return model


def own_planes(model):
    """The plane that answers most to each digit in its place."""
    return np.asarray(model(digits())).argmax(axis=1)


def margins(model):
    """(5, 25, 2): for each digit and shift, what the digit's own plane answers, and the largest of the others."""
    images = np.array([moved(digit, *shift) for digit in digits() for shift in SHIFTS])
    answers = np.asarray(model(images)).reshape(5, 25, -1)
    own = own_planes(model)
    others = [np.delete(answers[digit], own[digit], axis=1).max(axis=1) for digit in range(5)]
    return np.stack([answers[np.arange(5), :, own], others], axis=-1)


def tells_the_digits_apart(model):
    own, other = np.moveaxis(margins(model), -1, 0)
    return len(set(own_planes(model))) == 5 and bool((own > 0).all() and (own >= 2 * other).all())


def test_each_digit_excites_a_plane_of_its_own_and_no_other_wherever_it_is_moved(taught):
    own, other = np.moveaxis(margins(taught), -1, 0)

    assert len(set(own_planes(taught))) == 5
    assert own.min() > 0.1
    assert other.max() < 0.01


@pytest.mark.parametrize("seed", [1, 2])
def test_other_seeds_tell_the_digits_apart_too(seed):
    model = fresh()
    self_organise(model, digits(), seed=seed)

    assert tells_the_digits_apart(model)


def test_as_many_planes_as_digits_are_enough():
    model = fresh(planes=5)
    self_organise(model, digits())

    assert tells_the_digits_apart(model)
    assert sorted(own_planes(model)) == [0, 1, 2, 3, 4]


def test_a_network_that_was_not_taught_does_not_tell_the_digits_apart():
    model = fresh()

    assert len(set(own_planes(model))) < 5
    assert not tells_the_digits_apart(model)


def test_digits_taught_in_one_place_are_mostly_known_in_others():
    model = fresh()
    self_organise(model, digits(), shift=0)
    own, other = np.moveaxis(margins(model), -1, 0)

    assert len(set(own_planes(model))) == 5
    assert (own > other).mean() > 0.95


def test_a_taught_network_answers_the_same_after_saving_and_loading(taught, tmp_path):
    taught.save(tmp_path / "model.keras")

    loaded = keras.saving.load_model(tmp_path / "model.keras")

    np.testing.assert_array_equal(loaded(digits()), taught(digits()))


def test_equal_seeds_give_equal_weights_and_others_do_not():
    models = [fresh(), fresh(), fresh()]
    for model, seed in zip(models, [3, 3, 4], strict=True):
        self_organise(model, digits(), rounds=1, seed=seed)
    first, again, other = (model.get_weights() for model in models)

    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
    assert any((one != three).any() for one, three in zip(first, other, strict=True))


def test_the_representative_of_a_plane_is_its_strongest_winner_of_a_column():
    responses = np.zeros((7, 7, 4), "float32")
    responses[0, 0, 0] = 3  # wins the first column
    responses[6, 6, 0] = 2  # wins the last column, but plane 0 has a stronger one
    responses[0, 6, 1] = 1  # wins a column that the strong cells are not in
    responses[1, 1, 2] = 1  # loses to plane 0 in every column that has it, but for those away from the corner
    responses[3, 3, 3] = 0.5  # every column has it

    winners = representatives(responses, side=3)

    assert winners == {0: (0, 0), 1: (0, 6), 2: (1, 1), 3: (3, 3)}
    assert representatives(responses, side=7) == {0: (0, 0)}


def test_where_nothing_responds_nothing_is_reinforced():
    assert representatives(np.zeros((8, 8, 3), "float32")) == {}


def test_a_reinforced_plane_learns_what_its_representative_saw():
    layer = SCells(3, 3, selectivity=1.5, padding=1)
    image = np.random.default_rng(0).uniform(0, 1, (1, 4, 4, 2)).astype("float32")
    layer.build(image.shape)
    a, b = layer.get_weights()

    reinforce(layer, image, {1: (0, 2)}, speed=16.0)

    seen = np.pad(image[0], ((1, 1), (1, 1), (0, 0)))[0:3, 2:5]
    new_a, new_b = layer.get_weights()
    np.testing.assert_allclose(new_a[..., 1], a[..., 1] + 16 * layer.c * seen, rtol=1e-5)
    np.testing.assert_allclose(new_b, [0, 8 * np.sqrt((layer.c * seen**2).sum()), 0], rtol=1e-5)
    np.testing.assert_array_equal(new_a[..., [0, 2]], a[..., [0, 2]])
    assert not b.any()


def test_a_moved_image_gains_zeros_and_loses_what_leaves_it():
    image = np.arange(1, 7, dtype="float32").reshape(2, 3, 1)

    assert moved(image, 0, 0)[..., 0].tolist() == [[1, 2, 3], [4, 5, 6]]
    assert moved(image, 1, -1)[..., 0].tolist() == [[0, 0, 0], [2, 3, 0]]
    assert moved(image, -1, 2)[..., 0].tolist() == [[0, 0, 4], [0, 0, 0]]
    assert not moved(image, 0, 5).any()


NOT_A_NUMBER = np.where(np.arange(256).reshape(1, 16, 16, 1) == 7, np.nan, 0)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((0, 16, 16, 1)), "there are no images"),
        (np.zeros((16, 16, 1)), r"images must be \(n, 16, 16, 1\), got \(16, 16, 1\)"),
        (np.zeros((2, 16, 15, 1)), r"images must be \(n, 16, 16, 1\), got \(2, 16, 15, 1\)"),
        (np.full((1, 16, 16, 1), -0.1), r"images must be in 0..1, got -0.1 to -0.1"),
        (np.full((1, 16, 16, 1), 255), r"images must be in 0..1, got 255 to 255"),
        (NOT_A_NUMBER, r"images must be in 0..1, got nan to nan"),
        (np.full((1, 16, 16, 1), "x"), "images must be numbers"),
    ],
)
def test_images_it_cannot_learn_from_are_refused_and_nothing_is_learned(images, message):
    model = fresh()
    before = model.get_weights()

    with pytest.raises(InputError, match=message):
        self_organise(model, images)

    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize(("rounds", "shift"), [(0, 2), (1, -1)])
def test_a_teaching_without_rounds_or_with_a_negative_shift_is_refused(rounds, shift):
    with pytest.raises(InputError, match="rounds must be at least 1 and shift at least 0"):
        self_organise(fresh(), digits(), rounds=rounds, shift=shift)


def test_a_model_without_s_cells_and_speeds_that_are_not_its_layers_are_refused():
    image = keras.Input((16, 16, 1))

    with pytest.raises(InputError, match="3 speeds for 0 layers of S-cells"):
        self_organise(keras.Model(image, keras.layers.Flatten()(image)), digits())
    with pytest.raises(InputError, match="2 speeds for 3 layers of S-cells"):
        self_organise(fresh(), digits(), speeds=(1.0, 16.0))
