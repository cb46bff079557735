import pytest
from keras import layers

from kcnn.models import build_without_weights
from kcnn.models.fields import frames_seen
from kcnn.models.summary import summarise
from tests.contracts.clips import ClipContract


class TestContract(ClipContract):
    name, options, shape = "r3d_18", {}, (8, 16, 16, 3)
    rate = 1e-4


def test_the_stages_have_the_maps_of_table_1():
    """Of L frames of 112x112: L x 56 x 56 twice, then time is halved with the picture."""
    model = build_without_weights("r3d_18")

    names = ("stem", "stage1", "stage2", "stage3", "stage4", "pooled")
    assert [model.get_layer(name).output.shape[1:] for name in names] == [
        (16, 56, 56, 64),
        (16, 56, 56, 64),
        (8, 28, 28, 128),
        (4, 14, 14, 256),
        (2, 7, 7, 512),
        (512,),
    ]


def test_it_has_18_layers_beside_the_shortcuts():
    weighted = [
        layer.name
        for layer in build_without_weights("r3d_18").layers
        if isinstance(layer, layers.Conv3D | layers.Dense) and "shortcut" not in layer.name
    ]

    assert len(weighted) == 18


def test_where_it_halves_it_pads_both_ends_alike():
    model = build_without_weights("r3d_18")
    pads = {layer.name: layer.padding for layer in model.layers if isinstance(layer, layers.ZeroPadding3D)}

    assert pads.pop("stem_pad") == ((1, 1), (3, 3), (3, 3))
    assert set(pads) == {f"stage{stage}_block1_a_pad" for stage in (2, 3, 4)}
    assert set(pads.values()) == {((1, 1), (1, 1), (1, 1))}


def test_multiply_adds_are_those_counted_by_hand():
    stem = 16 * 56 * 56 * (3 * 7 * 7 * 3 * 64)
    first = 16 * 56 * 56 * 4 * (27 * 64 * 64)
    others = 0
    for stage, places in enumerate((8 * 28 * 28, 4 * 14 * 14, 2 * 7 * 7), 1):
        before, after = 64 * 2 ** (stage - 1), 64 * 2**stage
        others += places * (27 * before * after + before * after + 3 * 27 * after * after)

    assert summarise(build_without_weights("r3d_18")).multiply_adds == stem + first + others + 512 * 400


def test_a_place_of_the_first_stage_sees_11_frames_and_of_the_second_all():
    frames = frames_seen(build_without_weights("r3d_18"))

    assert [frames[name] for name in ("stem", "stage1", "stage2", "features")] == [3, 11, 16, 16]


@pytest.mark.parametrize("like", [None, "torchvision"])
def test_the_paper_s_form_is_torchvision_s(like):
    summary = summarise(build_without_weights("r3d_18", like=like))

    assert (summary.trainable_parameters, summary.non_trainable_parameters) == (33_371_472, 9_600)
