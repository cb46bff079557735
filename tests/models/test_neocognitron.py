import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.layers.precision import precision
from kcnn.models import build
from kcnn.models.neocognitron import digits
from kcnn.models.summary import summarise


def test_its_planes_have_the_papers_sizes():
    sizes = {layer.name: layer.output.shape[1:] for layer in build("neocognitron").layers}

    assert sizes == {
        "image": (16, 16, 1),
        "s1": (16, 16, 24),
        "c1": (10, 10, 24),
        "s2": (8, 8, 24),
        "c2": (6, 6, 24),
        "s3": (2, 2, 24),
        "c3": (1, 1, 24),
        "planes": (24,),
    }


def test_its_selectivities_are_the_papers():
    model = build("neocognitron")

    assert [model.get_layer(name).selectivity for name in ("s1", "s2", "s3")] == [4.0, 1.5, 1.5]
    assert [model.get_layer(name).alpha for name in ("c1", "c2", "c3")] == [0.5, 0.5, 0.5]


def test_it_learns_the_excitatory_weights_of_every_plane_and_one_inhibitory_weight_each():
    summary = summarise(build("neocognitron"))

    assert summary.trainable_parameters == (25 * 24 + 24) + 2 * (25 * 24 * 24 + 24) == 29_472
    assert summary.non_trainable_parameters == 0


def test_it_costs_the_weights_of_s_c_and_v_cells_at_every_place():
    s1, c1 = 16**2 * (25 * 24 + 24 + 25), 10**2 * 24 * 25
    s2, c2 = 8**2 * (25 * 24 * 24 + 24 + 25 * 24), 6**2 * 24 * 25
    s3, c3 = 2**2 * (25 * 24 * 24 + 24 + 25 * 24), 24 * 4

    assert summarise(build("neocognitron")).multiply_adds == s1 + c1 + s2 + c2 + s3 + c3


def test_the_last_pair_has_as_many_planes_as_are_asked_for():
    model = build("neocognitron", classes=5)

    assert model.output_shape == (None, 5)
    assert model.get_layer("s2").planes == 24


@pytest.mark.parametrize("shape", [(13, 13, 1), (20, 31, 3)])
def test_other_sizes_and_several_channels_give_one_answer_a_plane(shape):
    images = np.random.default_rng(0).uniform(0, 1, (2, *shape)).astype("float32")

    answer = np.asarray(build("neocognitron", shape)(images))

    assert answer.shape == (2, 24)
    assert (answer >= 0).all() and (answer < 1).all()


def test_an_image_too_small_for_the_last_window_is_refused():
    with pytest.raises(InputError, match="at least 13x13"):
        build("neocognitron", (12, 12, 1))


def test_a_fresh_network_answers_almost_nothing():
    assert np.asarray(build("neocognitron")(digits())).max() < 0.01


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_a_saved_network_answers_the_same_after_loading(policy, tmp_path):
    with precision(policy):
        model, other = build("neocognitron"), build("neocognitron")
    rng = np.random.default_rng(0)
    model.set_weights([rng.uniform(0, 0.1, weight.shape) for weight in model.weights])
    model.save(tmp_path / "model.keras")
    model.save_weights(tmp_path / "model.weights.h5")

    loaded = keras.saving.load_model(tmp_path / "model.keras")
    other.load_weights(tmp_path / "model.weights.h5")

    answer = np.asarray(model(digits()), "float32")
    assert answer.any()
    np.testing.assert_array_equal(np.asarray(loaded(digits()), "float32"), answer)
    np.testing.assert_array_equal(np.asarray(other(digits()), "float32"), answer)


def test_the_summary_names_the_planes_that_learn():
    windows = {row.name: row.kind for row in summarise(build("neocognitron")).blocks}

    assert (windows["s1"], windows["c1"]) == ("5x5 24", "5x5 sum /2")


def test_the_digits_are_five_pictures_with_room_to_move_by_two():
    pictures = digits()

    assert pictures.shape == (5, 16, 16, 1)
    assert set(np.unique(pictures)) == {0, 1}
    assert not pictures[:, [0, 1, -2, -1]].any()
    assert not pictures[:, :, [0, 1, -2, -1]].any()
