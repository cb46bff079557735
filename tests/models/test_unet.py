import keras
import numpy as np
import pytest
from keras import layers

from kcnn.errors import InputError
from kcnn.models import build, build_without_weights, check
from kcnn.models.summary import receptive_fields, summarise
from tests.contracts.maps import SegmentationContract


class TestUnpadded(SegmentationContract):
    name, options = "unet", {"base": 4, "dropout": 0}
    shape, answer = (188, 204, 1), {"logits": (4, 20, 3)}


class TestPadded(SegmentationContract):
    name, options = "unet", {"base": 4, "padding": "same", "norm": "batch", "dropout": 0}
    shape, answer = (32, 48, 1), {"logits": (32, 48, 3)}


def test_maps_have_the_sizes_of_figure_1():
    model = build_without_weights("unet")
    shapes = {layer.name: layer.output.shape[1:] for layer in model.layers}

    assert [shapes[f"stage{level}"] for level in range(1, 6)] == [
        (568, 568, 64),
        (280, 280, 128),
        (136, 136, 256),
        (64, 64, 512),
        (28, 28, 1024),
    ]
    assert [shapes[f"up{level}_concat"] for level in (4, 3, 2, 1)] == [
        (56, 56, 1024),
        (104, 104, 512),
        (200, 200, 256),
        (392, 392, 128),
    ]
    assert shapes["features"] == (388, 388, 64)
    assert shapes["logits"] == (388, 388, 2)


def test_its_parameters_are_those_of_23_convolutions():
    """Two 3x3 a level down and up, the 2x2 between, the 1x1 at the end, and a bias for each filter."""
    widths = [64, 128, 256, 512, 1024]
    down = sum(9 * (before + after) * after + 2 * after for before, after in zip([1, *widths], widths, strict=False))
    up = sum(4 * 2 * width * width + 9 * (2 + 1) * width * width + 3 * width for width in widths[:-1])
    model = build_without_weights("unet")
    kinds = [layer for layer in model.layers if hasattr(layer, "kernel")]

    assert len(kinds) == 23
    assert summarise(model).trainable_parameters == down + up + 64 * 2 + 2 == 31_030_658


def test_the_weights_begin_with_the_papers_deviation():
    """sqrt(2 / N), N being the numbers that a unit sees: each place of an up-convolution sees one of four taps."""
    keras.utils.set_random_seed(0)
    model = build("unet", (188, 188, 1), base=16)

    for name, seen in (("stage5_block2_conv", 9 * 256), ("up4_conv", 256), ("up1_block1_conv", 9 * 32)):
        assert np.std(model.get_layer(name).get_weights()[0]) == pytest.approx((2 / seen) ** 0.5, rel=0.05)


def test_one_step_at_full_width_lowers_the_loss():
    keras.utils.set_random_seed(0)
    model = build("unet", (188, 188, 1))
    model.compile(keras.optimizers.SGD(1e-3), keras.losses.SparseCategoricalCrossentropy(True), jit_compile=False)
    x = np.random.default_rng(0).normal(size=(1, 188, 188, 1)).astype("float32")
    truth = np.eye(4, dtype="int32")[None]
    before = model.evaluate(x, truth, verbose=0)

    model.train_on_batch(x, truth)

    assert model.evaluate(x, truth, verbose=0) < before


def test_an_unpadded_answer_is_that_of_the_middle():
    """Within the image no border is felt: the same pixels, with more around them, are answered alike."""
    keras.utils.set_random_seed(0)
    small, large = build("unet", (188, 188, 1), base=4), build("unet", (220, 220, 1), base=4)
    large.set_weights(small.get_weights())
    x = np.random.default_rng(0).normal(size=(1, 220, 220, 1)).astype("float32")

    middle = np.asarray(large(x))[:, 16:-16, 16:-16]

    np.testing.assert_allclose(small(x[:, 16:-16, 16:-16]), middle, rtol=1e-4, atol=1e-5)


def test_what_a_pixel_depends_on_is_its_receptive_field():
    model = build("unet", (256, 256, 1), base=1, padding="same", dropout=0)
    model.set_weights([np.full(weight.shape, 0.1) for weight in model.weights])
    rows = np.zeros((256, 256, 256, 1), "float32")
    rows[np.arange(256), np.arange(256)] = 1e30  # the farthest is multiplied by 0.1 some twenty times
    answers = model.predict(rows, batch_size=16, verbose=0)[:, 104:152, 128, 0]  # (row that is lit, row that answers)
    rest = np.asarray(model(np.zeros((1, 256, 256, 1))))[0, 104:152, 128, 0]
    seen = [np.flatnonzero(changed) for changed in (answers > 2 * rest).T]

    assert max(rows[-1] - rows[0] + 1 for rows in seen) == receptive_fields(model)["logits"].size == 204


@pytest.mark.parametrize(("rate", "expected"), [(None, [0.5, 0.5]), (0.2, [0.2, 0.2]), (0, [])])
def test_dropout_ends_the_contracting_path(rate, expected):
    model = build_without_weights("unet", **({} if rate is None else {"dropout": rate}))
    drops = [layer for layer in model.layers if isinstance(layer, layers.Dropout)]

    assert [layer.rate for layer in drops] == expected
    assert [layer.name for layer in drops] == ["stage4_dropout", "stage5_dropout"][: len(drops)]


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((187, 188, 1), {}, "at least 188x188"),
        ((256, 256, 1), {}, "needs sides that are multiples of 16 plus 12, got 256x256: the nearest are 252x252"),
        ((188, 189, 1), {}, "got 188x189: the nearest are 188x188"),
        ((250, 256, 1), {"padding": "same"}, "needs sides that are multiples of 16, got 250x256"),
        ((8, 16, 1), {"padding": "same"}, "at least 16x16"),
    ],
)
def test_sides_that_cannot_be_halved_are_refused(shape, options, message):
    with pytest.raises(InputError, match=message):
        check("unet", shape, None, options)


def test_the_default_of_the_padded_form_can_be_halved():
    assert check("unet")[0] == (572, 572, 1)
    assert check("unet", options={"padding": "same"})[0] == (576, 576, 1)
