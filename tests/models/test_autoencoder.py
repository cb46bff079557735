import keras
import numpy as np
import pytest
from keras import layers, ops

from kcnn.errors import InputError
from kcnn.layers import TransposedConv2D
from kcnn.models import build, build_without_weights, check
from kcnn.models.cuts import decoder, encoder
from kcnn.models.summary import summarise
from tests.contracts.maps import MapsContract


def cross_entropy(truth, logits):
    return ops.mean(ops.binary_crossentropy(truth, logits, from_logits=True), axis=(1, 2, 3))


class TestAutoencoder(MapsContract):
    name, options, classes = "autoencoder", {"latent": 5, "base": 4}, None
    shape, answer = (16, 32, 3), {"logits": (16, 32, 3)}

    def loss(self):
        return cross_entropy

    def truth(self):
        return self.images()


class TestResizingAutoencoder(TestAutoencoder):
    name, options = "autoencoder", {"latent": 5, "base": 4, "upsampling": "resize"}


class TestVAE(TestAutoencoder):
    name, answer = "vae", {"logits": (16, 32, 3), "mean": (5,), "log_variance": (5,)}
    drawn = ("logits",)

    def loss(self):
        size = {"mean": lambda _, mean: ops.sum(ops.square(mean), -1)}
        return {"logits": cross_entropy, **size, "log_variance": lambda _, x: ops.sum(ops.exp(x) - x, -1)}

    def truth(self):
        return {"logits": self.images(), "mean": np.zeros((2, 5)), "log_variance": np.zeros((2, 5))}


ENCODER = 16 * (32 + 32 * 64 + 64 * 128) + 32 + 64 + 128
DECODER = 32 * 2048 + 2048 + 16 * (128 * 64 + 64 * 32 + 32) + 64 + 32 + 1


@pytest.mark.parametrize(("name", "vectors"), [("autoencoder", 1), ("vae", 2)])
def test_its_parameters_are_those_of_both_halves_and_of_what_is_between(name, vectors):
    between = vectors * (2048 * 32 + 32)

    assert summarise(build_without_weights(name)).trainable_parameters == ENCODER + between + DECODER


def test_each_stage_halves_the_maps_down_to_four_and_back():
    shapes = {layer.name: layer.output.shape[1:] for layer in build_without_weights("autoencoder", (64, 128, 3)).layers}

    assert [shapes[f"stage{stage}"] for stage in range(1, 5)] == [
        (32, 64, 32),
        (16, 32, 64),
        (8, 16, 128),
        (4, 8, 256),
    ]
    assert shapes["features"] == shapes["project_maps"] == (4, 8, 256)
    assert shapes["code"] == (32,)
    assert [shapes[f"up{stage}_conv"] for stage in (3, 2, 1)] == [(8, 16, 128), (16, 32, 64), (32, 64, 32)]
    assert shapes["logits"] == (64, 128, 3)


@pytest.mark.parametrize("name", ["autoencoder", "vae"])
@pytest.mark.parametrize("upsampling", ["transposed", "resize"])
def test_how_maps_are_enlarged_can_be_chosen(name, upsampling):
    model = build_without_weights(name, upsampling=upsampling)

    assert any(isinstance(layer, TransposedConv2D) for layer in model.layers) == (upsampling == "transposed")
    assert any(isinstance(layer, layers.UpSampling2D) for layer in model.layers) == (upsampling == "resize")


def test_the_encoder_of_a_variational_one_answers_the_mean():
    model = build("vae", (16, 16, 1), latent=3, base=4)
    x = np.random.default_rng(0).uniform(0, 1, (2, 16, 16, 1)).astype("float32")

    np.testing.assert_array_equal(encoder(model)(x), model(x)["mean"])
    assert decoder(model)(np.zeros((2, 3))).shape == (2, 16, 16, 1)


def test_encoder_and_decoder_together_are_the_model():
    model = build("autoencoder", (16, 16, 1), latent=3, base=4)
    x = np.random.default_rng(0).uniform(0, 1, (2, 16, 16, 1)).astype("float32")

    codes = encoder(model)(x)
    answer = model(x)

    assert codes.shape == (2, 3)
    np.testing.assert_array_equal(decoder(model)(codes), answer)


def test_halves_share_the_model_s_weights_and_can_be_saved(tmp_path):
    model = build("vae", (8, 8, 1), latent=3, base=4)
    half = decoder(model)
    half.save(tmp_path / "decoder.keras")
    codes = np.random.default_rng(0).normal(size=(2, 3)).astype("float32")

    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "decoder.keras")(codes), half(codes))
    assert {id(weight) for weight in half.weights} < {id(weight) for weight in model.weights}


@pytest.mark.parametrize("half", [encoder, decoder])
def test_a_model_without_a_code_has_no_halves(half):
    with pytest.raises(InputError, match="lenet5 has no layer called 'code'"):
        half(build("lenet5"))


@pytest.mark.parametrize("training", [False, True])
def test_the_code_is_drawn_about_the_mean_at_every_call(training):
    keras.utils.set_random_seed(0)
    model = build("vae", (8, 8, 1), latent=3, base=4)
    x = np.ones((4000, 8, 8, 1), "float32")
    code = keras.Model(model.input, [model.get_layer("code").output, model.get_layer("mean").output])

    (first, mean), (second, _) = code(x, training=training), code(x, training=training)

    assert np.abs(np.subtract(first, second)).max() > 1e-3
    np.testing.assert_allclose(np.mean(first, 0), mean[0], atol=0.1)


@pytest.mark.parametrize("name", ["autoencoder", "vae"])
@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((4, 8, 1), {}, "at least 8x8"),
        ((28, 28, 1), {}, "needs sides that are 8 times a power of 2, got 28x28: the nearest are 32x32"),
        ((64, 96, 1), {}, "got 64x96: the nearest are 64x64"),
        (None, {"latent": 0}, "latent of .* must be a whole number of at least 1"),
        (None, {"upsampling": "bicubic"}, "upsampling of .* must be 'transposed' or 'resize', got 'bicubic'"),
    ],
)
def test_what_cannot_be_built_is_refused(name, shape, options, message):
    with pytest.raises(InputError, match=message):
        check(name, shape, None, options)
