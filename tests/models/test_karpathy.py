import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.models import build, build_without_weights, check
from kcnn.models.fields import frames_seen
from kcnn.models.karpathy import slowly
from kcnn.models.summary import summarise
from tests.contracts.clips import ClipContract

SMALL = {"width": 0.125, "units": 32, "small_stem": True}
NAMES = ("single_frame", "late_fusion", "early_fusion", "slow_fusion")
SEEN = {"single_frame": [8], "late_fusion": [0, 15], "early_fusion": range(16), "slow_fusion": range(16)}


class FusionContract(ClipContract):
    options, shape = SMALL, (10, 16, 16, 1)


class TestSingleFrame(FusionContract):
    name = "single_frame"


class TestLateFusion(FusionContract):
    name = "late_fusion"


class TestEarlyFusion(FusionContract):
    name = "early_fusion"


class TestSlowFusion(FusionContract):
    name = "slow_fusion"


# C(96, 11, 3)-N-P-C(256, 5, 1)-N-P-C(384, 3, 1)-C(384, 3, 1)-C(256, 3, 1)-P-FC(4096)-FC(4096), and 487 classes
WINDOWS = {"single_frame": (1, 1, 1), "late_fusion": (1, 1, 1), "early_fusion": (10, 1, 1), "slow_fusion": (4, 2, 2)}


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_those_counted_by_hand(name):
    first, second, third = WINDOWS[name]
    kernels = [
        first * 11 * 11 * 3 * 96,
        second * 5 * 5 * 96 * 256,
        third * 3 * 3 * 256 * 384,
        3 * 3 * 384 * 384,
        3 * 3 * 384 * 256,
    ]
    towers = 2 if name == "late_fusion" else 1
    dense = [towers * 6 * 6 * 256 * 4096, 4096 * 4096, 4096 * 487]
    biases = 96 + 256 + 384 + 384 + 256 + 4096 + 4096 + 487

    counted = summarise(build_without_weights(name)).trainable_parameters
    assert counted == sum(kernels) + sum(dense) + biases


def shapes(model, *names):
    return [model.get_layer(name).output.shape[1:] for name in names]


def test_slow_fusion_makes_4_2_and_1_of_10_frames():
    model = build_without_weights("slow_fusion")

    assert shapes(model, "conv1_conv", "stem", "conv2_conv", "stage1", "conv3_conv", "stage2") == [
        (4, 54, 54, 96),
        (4, 27, 27, 96),
        (2, 27, 27, 256),
        (2, 13, 13, 256),
        (1, 13, 13, 384),
        (1, 6, 6, 256),
    ]
    assert [frames_seen(model)[name] for name in ("conv1_conv", "conv2_conv", "conv3_conv")] == [4, 6, 10]


@pytest.mark.parametrize(("frames", "windows"), [(10, (4, 2, 2)), (16, (4, 3, 3)), (6, (4, 2, 1)), (9, (5, 3, 1))])
def test_slow_fusion_has_the_papers_windows_where_they_fit_and_wider_ones_where_not(frames, windows):
    assert tuple(window for window, _ in slowly(frames)) == windows


@pytest.mark.parametrize("frames", range(6, 40))
def test_slow_fusion_leaves_out_no_frame_of_clips_of_any_length(frames):
    left = frames
    for window, stride in slowly(frames):
        assert (left - window) % stride == 0
        left = (left - window) // stride + 1
    assert left == 1

    model = build_without_weights("slow_fusion", (frames, 8, 8, 1), 3, **SMALL)
    assert frames_seen(model)["conv3_conv"] == frames


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_depends_on_the_frames_that_a_network_sees_and_on_no_other(name):
    model = build(name, (16, 16, 16, 1), 3, **SMALL)
    clip = np.random.default_rng(0).uniform(size=(1, 16, 16, 16, 1)).astype("float32")
    answer = np.asarray(model(clip))

    seen = []
    for frame in range(16):
        changed = clip.copy()
        changed[:, frame] = np.random.default_rng(frame + 1).uniform(size=changed[:, frame].shape)
        if np.any(np.asarray(model(changed)) != answer):
            seen.append(frame)

    assert seen == list(SEEN[name])


def test_the_towers_of_late_fusion_share_their_filters():
    model = build("late_fusion", (16, 16, 16, 1), 3, **SMALL)
    towers = keras.Model(model.input, model.get_layer("stage2").output)
    clip = np.random.default_rng(0).uniform(size=(1, 16, 16, 16, 1)).astype("float32")

    first, last = np.asarray(towers(clip))[0]
    last_of_turned, first_of_turned = np.asarray(towers(clip[:, ::-1]))[0]

    np.testing.assert_allclose(first, first_of_turned, atol=1e-6)
    np.testing.assert_allclose(last, last_of_turned, atol=1e-6)


def test_the_four_differ_in_nothing_but_the_frames_that_their_filters_see():
    models = [build_without_weights(name, (16, 32, 32, 1), 10, **SMALL) for name in NAMES]
    kernels = [
        {layer.name: layer.kernel.shape[1:] for layer in model.layers if isinstance(layer, keras.layers.Conv3D)}
        for model in models
    ]

    assert all(each == kernels[0] for each in kernels)
    assert kernels[0] == {
        "conv1_conv": (3, 3, 1, 16),
        "conv2_conv": (5, 5, 16, 32),
        "conv3_conv": (3, 3, 32, 48),
        "conv4_conv": (3, 3, 48, 48),
        "conv5_conv": (3, 3, 48, 32),
    }
    assert {model.get_layer("pooled").output.shape for model in models} == {(None, 32)}


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("single_frame", 144_970), ("late_fusion", 210_506), ("early_fusion", 147_130), ("slow_fusion", 198_650)],
)
def test_a_small_form_suits_generated_clips(name, parameters):
    model = build_without_weights(name, (16, 32, 32, 1), 10, width=0.125, units=128, small_stem=True)

    assert summarise(model).trainable_parameters == parameters


def test_a_small_stem_takes_a_quarter_of_the_picture_and_as_many_frames():
    assert check("slow_fusion", (6, 8, 8, 1), 3, {"small_stem": True})[0] == (6, 8, 8, 1)
    for shape in ((5, 8, 8, 1), (6, 7, 8, 1)):
        with pytest.raises(InputError, match=r"slow_fusion needs clips of at least 6x8x8 \(frames x height x width\)"):
            check("slow_fusion", shape, 3, {"small_stem": True})


def test_dropout_follows_both_dense_layers():
    model = build_without_weights("early_fusion", (10, 16, 16, 1), 3, **SMALL, dropout=0.5)
    names = [layer.name for layer in model.layers if isinstance(layer, keras.layers.Dropout)]

    assert names == ["fc1_dropout", "fc2_dropout"]
