"""What of a cut network learns: its stages, what is frozen in them, from when on they learn, and how fast."""

from itertools import pairwise

import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.models import build_without_weights
from kcnn.recipes.transfer import Transfer
from kcnn.transfer.cut import cut, cuts, last_cut
from kcnn.transfer.stages import HEAD, frozen, hasten, learns, rates, stages, taps, thawing
from tests.transfer.test_cut import SMALLEST, depends_on, graph_of


def resnet(place="pooled", dropout=0.0):
    return cut(build_without_weights("resnet20_cifar", (8, 8, 3)), place, 3, dropout)


@pytest.fixture(scope="module")
def network():
    return resnet()


def plan(**values):
    return Transfer(weights="run:latest", **values)


def with_weights(model):
    return {layer.name for layer in model.layers if layer.weights}


def learning(model, asleep):
    """The parts of a residual network (stem, stage1, ...) in which something learns, and all of it must."""
    names = with_weights(model)
    parts = {name.split("_")[0] for name in names - asleep}
    assert names - asleep == {name for name in names if name.split("_")[0] in parts}
    return sorted(parts)


@pytest.mark.parametrize("name", SMALLEST)
def test_every_layer_with_weights_is_in_exactly_one_part(name):
    whole = graph_of(name)
    for place in {cuts(whole)[0], cuts(whole)[len(cuts(whole)) // 2], last_cut(whole)}:
        model = cut(whole, place, 3)
        parts = stages(model)
        listed = [layer for layers in parts.values() for layer in layers]

        assert len(listed) == len(set(listed))
        assert set(listed) >= with_weights(model)
        assert all(with_weights(model) & set(layers) for layers in parts.values())


@pytest.mark.parametrize("name", SMALLEST)
def test_the_parts_are_in_the_order_of_the_layers_and_the_head_is_the_last(name):
    whole = graph_of(name)
    model = cut(whole, last_cut(whole), 3)
    order = [layer.name for layer in model.layers]
    parts = stages(model)

    assert [layer for layers in parts.values() for layer in layers] == order
    assert list(parts)[-1] == HEAD
    assert with_weights(model) & set(parts[HEAD]) == {HEAD}


def test_the_parts_of_a_residual_network_are_its_stem_its_stages_and_its_head(network):
    parts = stages(network)

    assert list(parts) == ["stem", "stage1", "stage2", "stage3", "logits"]
    assert taps(network) == ["stem", "stage1", "stage2", "stage3"]
    assert all(
        layer.startswith(f"{name}_") for name in taps(network) for layer in with_weights(network) & {*parts[name]}
    )


def test_what_stands_between_the_last_stage_and_the_mean_is_a_part():
    model = build_without_weights("efficientnet_lite0", (32, 32, 3))
    parts = stages(cut(model, "pooled", 3))

    assert list(parts) == ["stem", *(f"stage{n}" for n in range(1, 8)), "features", "logits"]
    assert with_weights(model) & set(parts["features"]) == {"last_conv", "last_norm"}


def test_a_transition_learns_with_the_stage_that_it_leads_to():
    parts = stages(cut(build_without_weights("densenet_bc100_k12", (8, 8, 3)), "pooled", 3))

    assert {"transition1_norm", "transition1_conv"} <= set(parts["stage2"])


def test_a_stage_without_weights_is_no_part():
    parts = stages(cut(build_without_weights("mlp", (4, 4, 1)), "pooled", 3))

    assert list(parts) == ["stage1", "stage2", "logits"]


def test_what_is_kept_of_a_stage_is_a_part():
    parts = stages(resnet("stage2_block1", dropout=0.3))

    assert list(parts) == ["stem", "stage1", "features", "logits"]
    assert set(parts["features"]) > {"stage2_block1_a_conv", "stage2_block1_b_norm"}
    assert parts["logits"] == ["pooled", "head_dropout", "logits"]


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("stem", "stem"),
        ("stage2", "stage2"),
        ("stage2_block2", "stage2_block2_relu"),
        ("stage3_block1_b_conv", "stage3_block1_b_conv"),
        ("pooled", "pooled"),
    ],
)
def test_what_the_named_layer_depends_on_is_frozen_and_nothing_else(network, name, layer):
    assert frozen(network, plan(frozen=name)) == depends_on(network.get_layer(layer))


def test_a_branch_that_does_not_lead_to_the_named_layer_learns(network):
    kept = frozen(network, plan(frozen="stage2_block1_shortcut"))

    assert "stage1_block3_b_conv" in kept
    assert not {"stage2_block1_a_conv", "stage2_block1_b_conv"} & kept


def test_nothing_is_frozen_unless_it_is_asked_for(network):
    assert frozen(network, plan()) == frozenset()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("stage33", "unknown layer or block of resnet20_cifar 'stage33': did you mean 'stage3'?"),
        ("logits", "name a layer before the classifier"),
    ],
)
def test_freezing_what_is_no_layer_or_the_classifier_is_refused(network, name, message):
    with pytest.raises(InputError) as refused:
        frozen(network, plan(frozen=name))
    assert message in str(refused.value)


def test_a_layer_that_was_cut_away_cannot_be_frozen():
    with pytest.raises(InputError, match="unknown layer or block of resnet20_cifar 'stage3'"):
        frozen(resnet("stage2"), plan(frozen="stage3"))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, True),
        ({"frozen": "stage2"}, True),
        ({"frozen": "stage3_block2"}, True),
        ({"frozen": "stage3_block3"}, False),
        ({"frozen": "pooled"}, False),
        ({"frozen": "pooled", "head": "random"}, True),
        ({"frozen": "pooled", "head_epochs": 2}, False),
    ],
)
def test_nothing_learns_where_a_fitted_head_is_all_that_is_not_frozen(network, values, expected):
    assert learns(network, plan(**values)) is expected


@pytest.mark.parametrize(("values", "kept"), [({}, None), ({"frozen": "stage1"}, "stage1")])
def test_without_a_word_of_when_all_that_may_learn_does_so_from_the_start(network, values, kept):
    expected = depends_on(network.get_layer(kept)) if kept else set()

    assert thawing(network, plan(**values)) == [(0, expected)]


@pytest.mark.parametrize(
    ("values", "then"),
    [({}, ["logits", "stage1", "stage2", "stage3", "stem"]), ({"frozen": "stage1"}, ["logits", "stage2", "stage3"])],
)
def test_the_head_may_begin_alone(network, values, then):
    (first, alone), (second, rest) = thawing(network, plan(head_epochs=2, **values))

    assert (first, learning(network, alone)) == (0, ["logits"])
    assert (second, learning(network, rest)) == (2, then)


@pytest.mark.parametrize("every", [1, 3])
def test_a_stage_more_thaws_each_time_from_the_top_down(network, every):
    entries = thawing(network, plan(thaw_epochs=every))

    assert [epoch for epoch, _ in entries] == [0, every, 2 * every, 3 * every]
    assert [learning(network, asleep) for _, asleep in entries] == [
        ["logits", "stage3"],
        ["logits", "stage2", "stage3"],
        ["logits", "stage1", "stage2", "stage3"],
        ["logits", "stage1", "stage2", "stage3", "stem"],
    ]


def test_what_is_frozen_never_thaws(network):
    entries = thawing(network, plan(thaw_epochs=1, frozen="stage1"))

    assert [(epoch, learning(network, asleep)) for epoch, asleep in entries] == [
        (0, ["logits", "stage3"]),
        (1, ["logits", "stage2", "stage3"]),
    ]


def test_of_a_stage_that_is_frozen_in_part_the_rest_thaws(network):
    never = frozen(network, plan(frozen="stage2_block1"))
    entries = thawing(network, plan(thaw_epochs=1, frozen="stage2_block1"))

    assert [epoch for epoch, _ in entries] == [0, 1]
    assert learning(network, entries[0][1]) == ["logits", "stage3"]
    assert entries[1][1] == never


def test_the_head_may_begin_alone_and_the_stages_follow(network):
    entries = thawing(network, plan(head_epochs=3, thaw_epochs=2, frozen="stem"))

    assert [(epoch, learning(network, asleep)) for epoch, asleep in entries] == [
        (0, ["logits"]),
        (3, ["logits", "stage3"]),
        (5, ["logits", "stage2", "stage3"]),
        (7, ["logits", "stage1", "stage2", "stage3"]),
    ]


@pytest.mark.parametrize("name", SMALLEST)
def test_in_every_family_each_entry_thaws_more_until_only_the_frozen_is_left(name):
    whole = graph_of(name)
    model = cut(whole, last_cut(whole), 3)
    asked = plan(head_epochs=1, thaw_epochs=1)
    asleep = [names & with_weights(model) for _, names in thawing(model, asked)]

    assert asleep[0] == with_weights(model) - {HEAD}
    assert all(later < earlier for earlier, later in pairwise(asleep))
    assert asleep[-1] == set()
    assert len(asleep) == len(stages(model))


def test_there_is_nothing_to_thaw_where_all_but_the_head_is_frozen(network):
    entries = thawing(network, plan(frozen="pooled", thaw_epochs=2, head="random"))

    assert entries == [(0, depends_on(network.get_layer("pooled")))]


def test_a_stage_whose_last_block_is_frozen_has_nothing_to_thaw(network):
    by_block, by_tap = (thawing(network, plan(frozen=name, thaw_epochs=1)) for name in ("stage1_block3", "stage1"))

    assert [epoch for epoch, _ in by_block] == [epoch for epoch, _ in by_tap] == [0, 1]


def test_each_stage_learns_at_a_share_of_the_rate_of_the_one_above_it(network):
    found = rates(network, plan(rate_decay=0.5))
    expected = {"logits": 1, "stage3": 0.5, "stage2": 0.25, "stage1": 0.125, "stem": 0.0625}

    assert {name: found[name] for name in with_weights(network)} == {
        name: expected[name.split("_")[0]] for name in with_weights(network)
    }


@pytest.mark.parametrize("name", SMALLEST)
def test_in_every_family_the_rates_fall_from_the_head_to_the_stem(name):
    whole = graph_of(name)
    model = cut(whole, last_cut(whole), 3)
    found = rates(model, plan(rate_decay=0.5))
    falling = [found[layer.name] for layer in reversed(model.layers) if layer.weights]

    assert falling == sorted(falling, reverse=True)
    assert falling[0] == 1
    assert falling[-1] == 0.5 ** (len(stages(model)) - 1)


def test_all_learn_at_one_rate_unless_it_is_asked_for(network):
    assert rates(network, plan()) == {}


def normalising(*momenta):
    """Images (N, 4, 4, 2) through batch normalisations of these momenta, one after another."""
    x = image = keras.layers.Input((4, 4, 2))
    for momentum in momenta:
        x = keras.layers.BatchNormalization(momentum=momentum)(x)
    return keras.Model(image, x)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, [0.999, 0.9, 0.5]),
        ({"norm_momentum": 0.9}, [0.9, 0.9, 0.5]),
        ({"norm_momentum": 0.99}, [0.99, 0.9, 0.5]),
        ({"norm_momentum": 0.0}, [0, 0, 0]),
    ],
)
def test_statistics_follow_at_least_as_fast_as_the_plan_says(values, expected):
    model = normalising(0.999, 0.9, 0.5)
    hasten(model, plan(**values))

    assert [layer.momentum for layer in model.layers[1:]] == expected


def test_hastened_statistics_keep_that_share_at_a_step():
    model, pictures = normalising(0.999), np.random.default_rng(0).normal(3, 1, (8, 4, 4, 2)).astype("float32")
    hasten(model, plan(norm_momentum=0.75))
    model(pictures, training=True)

    np.testing.assert_allclose(model.layers[1].moving_mean, 0.25 * pictures.mean((0, 1, 2)), rtol=1e-5)
