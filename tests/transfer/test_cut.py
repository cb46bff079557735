"""A network cut at a layer, with a new head: what it keeps, what it answers, and where it may be cut."""

from functools import cache
from itertools import pairwise

import keras
import numpy as np
import pytest
from keras import layers, ops

import kcnn.layers  # noqa: F401  (a model file names its layers)
from kcnn.errors import InputError
from kcnn.layers.precision import precision
from kcnn.models import CATALOG, build, build_without_weights
from kcnn.models.summary import summarise
from kcnn.transfer.cut import cut, cuts, last_cut, layer_called, pooled

FAMILIES = {row.family for row in CATALOG.values() if row.classifier}
SMALLEST = sorted(
    min((row for row in CATALOG.values() if row.family == family), key=lambda row: row.parameters).name
    for family in FAMILIES
)


def smallest_input(name):
    row = CATALOG[name]
    return (*row.smallest, row.input_shape[-1])


@cache
def graph_of(name):
    """The smallest form of a variant, as a graph alone."""
    return build_without_weights(name, smallest_input(name), classes=4)


def images(model, count=3):
    return np.random.default_rng(0).normal(size=(count, *model.input_shape[1:])).astype("float32")


def answers(model, layer, pictures):
    """What a layer of a model answers."""
    return ops.convert_to_numpy(keras.Model(model.input, model.get_layer(layer).output)(pictures))


def depends_on(layer):
    """A layer and all that it is computed from, by name."""
    found, waiting = set(), [layer]
    while waiting:
        one = waiting.pop()
        if one.name not in found:
            found.add(one.name)
            if not isinstance(one, layers.InputLayer):
                waiting += [source._keras_history.operation for source in keras.tree.flatten(one.input)]
    return found


@pytest.fixture(scope="module")
def network():
    """A small network whose normalisations have statistics of their own, as trained ones do."""
    keras.utils.set_random_seed(0)
    model = build("resnet20_cifar", (12, 12, 3), classes=4)
    generator = np.random.default_rng(1)
    for layer in model.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.set_weights([generator.uniform(0.5, 1.5, weight.shape) for weight in layer.weights])
    return model


# Where it is cut, and the layer that this names: a tap, a block, a layer inside a block.
PLACES = {
    "pooled": "features",
    "features": "features",
    "stage2": "stage2",
    "stem": "stem",
    "stage2_block1": "stage2_block1_relu",
    "stage3_block2_a_conv": "stage3_block2_a_conv",
}


@pytest.mark.parametrize("place", PLACES)
def test_it_answers_a_logit_a_class_behind_the_taps_of_every_classifier(network, place):
    made = cut(network, place, 5)

    assert made(images(network)).shape == (3, 5)
    assert [layer.name for layer in made.layers][-3:] == ["features", "pooled", "logits"]
    assert made.name == "resnet20_cifar"


@pytest.mark.parametrize(("place", "layer"), PLACES.items())
def test_the_head_sees_the_mean_over_the_places_of_the_layer_to_the_bit(network, place, layer):
    pictures = images(network)
    maps = answers(network, layer, pictures)
    made = cut(network, place, 5)

    np.testing.assert_array_equal(answers(made, "features", pictures), maps)
    np.testing.assert_array_equal(answers(made, "pooled", pictures), ops.mean(maps, (1, 2)))
    assert maps.std() > 0.01


def test_the_logits_are_the_new_dense_layer_on_what_is_pooled(network):
    pictures = images(network)
    made = cut(network, "stage2", 5)
    kernel, bias = made.get_layer("logits").get_weights()

    np.testing.assert_allclose(made(pictures), answers(made, "pooled", pictures) @ kernel + bias, atol=1e-5)


@pytest.mark.parametrize(("place", "layer"), PLACES.items())
def test_it_has_the_layers_that_the_answer_depends_on_and_shares_them(network, place, layer):
    made = cut(network, place, 5)
    kept = {one.name: one for one in made.layers}

    assert set(kept) == depends_on(network.get_layer(layer)) | {"features", "pooled", "logits"}
    assert all(kept[name] is network.get_layer(name) for name in depends_on(network.get_layer(layer)))
    assert kept["logits"] is not network.get_layer("logits")


def test_vectors_are_not_averaged():
    network = build("lenet5", (32, 32, 1))
    made = cut(network, "c5_mean", 3)
    pictures = images(network)

    assert [layer.name for layer in made.layers][-3:] == ["c5_mean", "pooled", "logits"]
    np.testing.assert_array_equal(answers(made, "pooled", pictures), answers(network, "c5_mean", pictures))


def test_a_network_without_maps_is_cut_at_a_hidden_layer():
    network = build("mlp", (4, 4, 1), hidden=[7, 6])
    made = cut(network, "stage1", 3)
    pictures = images(network)

    assert [layer.name for layer in made.layers][-4:] == ["dense1", "stage1", "pooled", "logits"]
    np.testing.assert_array_equal(answers(made, "pooled", pictures), answers(network, "dense1", pictures))


@pytest.mark.parametrize("name", SMALLEST)
def test_every_family_is_cut_at_its_first_its_middle_and_its_last_place(name):
    keras.utils.set_random_seed(0)
    network = build(name, smallest_input(name), classes=4)
    pictures = images(network, 2)
    places = cuts(network)

    for place in {places[0], places[len(places) // 2], last_cut(network)}:
        layer = layer_called(network, place).name
        seen = answers(network, layer, pictures)
        made = cut(network, place, 3)
        assert np.isfinite(made(pictures)).all()
        assert made(pictures).shape == (2, 3)
        np.testing.assert_array_equal(
            answers(made, "pooled", pictures), ops.mean(seen, (1, 2)) if seen.ndim == 4 else seen
        )


def test_a_residual_network_may_be_cut_behind_each_block_but_its_last():
    network = build_without_weights("resnet20_cifar")
    blocks = [f"stage{stage}_block{block}" for stage in (1, 2, 3) for block in (1, 2, 3)]

    assert cuts(network) == ["stem", *blocks[:-1], "pooled"]


def test_between_dense_layers_there_is_no_cut():
    convolutions = ["1_block1", "2_block1", *(f"{stage}_block{block}" for stage in (3, 4, 5) for block in (1, 2))]

    assert cuts(graph_of("vgg11")) == [*(f"stage{name}" for name in convolutions), "pooled"]


@pytest.mark.parametrize("name", SMALLEST)
def test_the_cuts_are_ever_deeper(name):
    network = graph_of(name)
    kept = [depends_on(layer_called(network, place)) for place in cuts(network)]

    assert len(set(cuts(network))) == len(kept)
    assert all(one < other for one, other in pairwise(kept))
    assert cuts(network)[-1] == last_cut(network)


@pytest.mark.parametrize("name", SMALLEST)
def test_each_cut_has_more_parameters_than_the_one_before(name):
    network = graph_of(name)
    counts = [summarise(cut(network, place, 4)).trainable_parameters for place in cuts(network)]

    assert counts == sorted(set(counts))


@pytest.mark.parametrize("name", SMALLEST)
def test_the_last_cut_costs_what_the_network_does_without_its_classifier(name):
    network = graph_of(name)
    made = cut(network, last_cut(network), 4)
    classifier = depends_on(network.get_layer("logits")) - depends_on(layer_called(network, last_cut(network)))
    head = sum(network.get_layer(layer).count_params() for layer in classifier)

    assert head > 0
    assert made.count_params() - made.get_layer("logits").count_params() == network.count_params() - head


@pytest.mark.parametrize(
    ("name", "last"), [("resnet20_cifar", "pooled"), ("vgg11", "pooled"), ("mlp", "pooled"), ("all_cnn_c", "features")]
)
def test_a_network_that_pools_the_maps_of_its_classes_ends_before_them(name, last):
    assert last_cut(build_without_weights(name)) == last


def test_dropout_before_the_classifier_changes_no_cut():
    plain, dropping = (build_without_weights("vgg11", (32, 32, 3), dropout=rate) for rate in (0.0, 0.5))

    assert cuts(plain) == cuts(dropping)


def test_the_scaling_of_pixels_is_no_place_to_cut():
    assert cuts(build_without_weights("efficientnet_b0", (32, 32, 3), like="keras"))[0] == "stem"


def ask_cut(network, name):
    return cut(network, name, 3)


def ask_pooled(network, name):
    return pooled(network, ["stem", name])


@pytest.mark.parametrize("ask", [ask_cut, ask_pooled])
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("stage22", "unknown layer or block of resnet20_cifar 'stage22': did you mean 'stage2'?"),
        ("stage2_blok2", "unknown layer or block of resnet20_cifar 'stage2_blok2': did you mean 'stage2_block2'?"),
        ("stage1_block1_a_cnv", "did you mean 'stage1_block1_a_conv'?"),
        ("logits", "name a layer before the classifier of resnet20_cifar, not 'logits'"),
    ],
)
def test_the_classifier_and_an_unknown_name_are_refused(network, ask, name, message):
    with pytest.raises(InputError) as refused:
        ask(network, name)
    assert message in str(refused.value)


def test_a_cut_network_that_was_saved_answers_the_same(network, tmp_path):
    made = cut(network, "stage2_block2", 5, dropout=0.3)
    made.save(tmp_path / "cut.keras")
    loaded = keras.models.load_model(tmp_path / "cut.keras")

    assert [layer.name for layer in loaded.layers] == [layer.name for layer in made.layers]
    np.testing.assert_allclose(loaded(images(network)), made(images(network)), atol=1e-6)


def test_a_cut_network_can_be_cut_again(network):
    once = cut(network, "stage2", 5, dropout=0.3)
    twice = cut(once, "pooled", 7, dropout=0.3)

    first, second = ([f"stage{stage}_block{block}" for block in (1, 2, 3)] for stage in (1, 2))
    assert cuts(once) == ["stem", *first, *second[:-1], "pooled"]
    assert twice(images(network)).shape == (3, 7)
    np.testing.assert_array_equal(answers(twice, "pooled", images(network)), answers(once, "pooled", images(network)))


@pytest.mark.parametrize(("place", "before"), [("stage2", "pooled"), ("pooled", "pooled")])
def test_dropout_is_there_when_it_is_asked_for(network, place, before):
    made = cut(network, place, 5, dropout=0.3)

    assert [layer.name for layer in made.layers][-3:] == [before, "head_dropout", "logits"]
    assert made.get_layer("head_dropout").rate == 0.3
    assert not any(isinstance(layer, layers.Dropout) for layer in cut(network, place, 5).layers)


def test_it_drops_in_training_alone(network):
    made = cut(network, "stage2", 5, dropout=0.5)
    head = keras.Model(made.get_layer("pooled").output, made.output)
    features = np.ones((3, 32), np.float32)

    np.testing.assert_array_equal(head(features), head(features))
    assert np.abs(head(features, training=True) - head(features)).max() > 0.01


def test_the_logits_are_exact_in_half_precision():
    with precision("mixed_bfloat16"):
        made = cut(build("resnet20_cifar", (8, 8, 3)), "stage2", 3)

    assert made.get_layer("pooled").compute_dtype == "bfloat16"
    assert made.output.dtype == "float32"


def test_pooled_answers_by_name(network):
    pictures = images(network)
    places = ["stem", "stage2_block1", "stage3_block2_a_conv", "pooled"]
    found = pooled(network, places)(pictures)

    assert list(found) == places
    for place in places[:3]:
        maps = answers(network, layer_called(network, place).name, pictures)
        np.testing.assert_array_equal(found[place], ops.mean(maps, (1, 2)))
    np.testing.assert_array_equal(found["pooled"], answers(network, "pooled", pictures))


def test_pooled_answers_a_single_layer_by_name_too(network):
    assert {name: answer.shape for name, answer in pooled(network, ["stage2"])(images(network)).items()} == {
        "stage2": (3, 32)
    }


@pytest.mark.parametrize("place", ["stage2", "stage2_block1", "pooled"])
def test_pooled_and_the_head_of_a_cut_network_see_the_same(network, place):
    pictures = images(network)

    np.testing.assert_array_equal(
        pooled(network, [place])(pictures)[place], answers(cut(network, place, 5), "pooled", pictures)
    )
