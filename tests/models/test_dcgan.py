import keras
import numpy as np
import pytest
from keras import layers, ops

from kcnn.errors import InputError
from kcnn.layers import TransposedConv2D
from kcnn.layers.precision import precision
from kcnn.models import build, build_without_weights, check
from kcnn.models.cuts import generator
from kcnn.models.summary import summarise

SMALL = {"latent": 5, "base": 4}


def small(**options):
    return build("dcgan", (16, 32, 3), 4, **{**SMALL, **options})


def batch(count=3):
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, (count, 16, 32, 3)).astype("float32")
    return {"image": images, "label": rng.integers(0, 4, count)}


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("options", [{}, {"kernel": 4}, {"upsampling": "resize", "kernel": 3}])
def test_it_answers_made_images_and_two_logits_an_example_in_float32(policy, options):
    with precision(policy):
        model = small(**options)

    answers = {name: ops.convert_to_numpy(value) for name, value in model(batch()).items()}

    assert {name: value.shape for name, value in answers.items()} == {
        "image": (3, 16, 32, 3),
        "real": (3,),
        "fake": (3,),
    }
    assert {str(value.dtype) for value in answers.values()} == {"float32"}
    assert np.abs(answers["image"]).max() <= 1
    inner = model.get_layer("discriminator").get_layer("stage1_block1_conv")
    assert inner.compute_dtype == policy.removeprefix("mixed_")


def test_maps_of_the_generator_are_those_of_figure_1():
    parts = build_without_weights("dcgan")
    shapes = {layer.name: layer.output.shape[1:] for layer in parts.get_layer("generator").layers}

    assert shapes["code"] == (100,)
    assert shapes["project_maps"] == (4, 4, 1024)
    assert [shapes[f"up{stage}_conv"] for stage in (3, 2, 1)] == [(8, 8, 512), (16, 16, 256), (32, 32, 128)]
    assert shapes["pixels_tanh"] == (64, 64, 3)


def test_its_parameters_are_those_of_both_networks():
    """Weights without biases, and two numbers a map where a normalisation follows."""
    made = 110 * 16384 + 25 * (1024 * 512 + 512 * 256 + 256 * 128 + 128 * 3) + 2 * (1024 + 512 + 256 + 128)
    judged = 25 * (13 * 128 + 128 * 256 + 256 * 512 + 512 * 1024) + 2 * (256 + 512 + 1024) + 16384

    assert summarise(build_without_weights("dcgan")).trainable_parameters == made + judged == 36_283_648


def test_its_weights_begin_with_the_papers_deviation():
    keras.utils.set_random_seed(0)
    model = small(base=16)
    kernels = [weight for weight in model.get_weights() if weight.ndim > 1 and weight.size > 1000]

    assert len(kernels) == 6
    assert [np.std(kernel) for kernel in kernels] == pytest.approx([0.02] * len(kernels), rel=0.1)


def test_normalisation_is_everywhere_but_at_both_images():
    model = build_without_weights("dcgan")

    def normalised(part):
        found = model.get_layer(part).layers
        return [layer.name for layer in found if isinstance(layer, layers.BatchNormalization)]

    assert normalised("generator") == ["project_norm", "up3_norm", "up2_norm", "up1_norm"]
    assert normalised("discriminator") == [f"stage{stage}_block1_norm" for stage in (2, 3, 4)]


@pytest.mark.parametrize("upsampling", ["transposed", "resize"])
def test_how_maps_are_enlarged_can_be_chosen(upsampling):
    made = build_without_weights("dcgan", upsampling=upsampling).get_layer("generator")

    assert any(isinstance(layer, TransposedConv2D) for layer in made.layers) == (upsampling == "transposed")


def test_codes_are_drawn_at_each_call_also_outside_training():
    keras.utils.set_random_seed(0)
    model = small()
    first, second = model(batch()), model(batch())

    assert np.abs(np.subtract(first["image"], second["image"])).max() > 1e-5
    np.testing.assert_array_equal(first["real"], second["real"])


def test_the_class_is_told_to_both_networks():
    keras.utils.set_random_seed(0)
    model, one = small(), batch(1)
    code = np.ones((1, 5), "float32")
    images = [np.asarray(generator(model)({"code": code, "label": np.array([label])})) for label in (0, 1)]
    real = [np.asarray(model({**one, "label": np.array([label])})["real"]) for label in (0, 1)]

    assert np.abs(images[0] - images[1]).max() > 1e-5
    assert real[0] != real[1]


def test_the_discriminator_tells_made_images_as_it_would_tell_them_alone():
    model = small()
    answers = model(batch())

    again = model.get_layer("discriminator")({"image": np.asarray(answers["image"]), "label": batch()["label"]})

    np.testing.assert_allclose(answers["fake"], again, rtol=1e-5, atol=1e-6)


def test_the_generator_can_be_taken_out():
    model = small()

    assert generator(model) is model.get_layer("generator")
    with pytest.raises(InputError, match="lenet5 has no layer called 'generator'"):
        generator(build("lenet5"))


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_a_saved_model_answers_the_same_after_loading(policy, tmp_path):
    with precision(policy):
        model, other = small(), small()
    model.save(tmp_path / "model.keras")
    model.save_weights(tmp_path / "model.weights.h5")

    loaded = keras.saving.load_model(tmp_path / "model.keras")
    other.load_weights(tmp_path / "model.weights.h5")

    code = {"code": np.ones((3, 5), "float32"), "label": batch()["label"]}
    for again in (loaded, other):
        np.testing.assert_array_equal(again(batch())["real"], model(batch())["real"])
        np.testing.assert_array_equal(generator(again)(code), generator(model)(code))


def test_each_network_learns_by_a_step_of_its_own_loss():
    keras.utils.set_random_seed(0)
    model = small()
    before = model.get_weights()
    model.compile(
        keras.optimizers.Adam(2e-4, beta_1=0.5),
        {"image": None, "real": lambda truth, x: ops.softplus(-x), "fake": lambda truth, x: ops.softplus(x)},
        jit_compile=False,
    )

    model.train_on_batch(batch(), {"image": np.zeros((3, 16, 32, 3)), "real": np.zeros(3), "fake": np.zeros(3)})

    for weight, old, new in zip(model.weights, before, model.get_weights(), strict=True):
        assert np.isfinite(new).all()
        assert np.any(new != old), weight.path


def test_the_summary_lists_the_layers_of_both_networks_once():
    model = small()
    summary = summarise(model)
    names = [row.name for row in summary.rows]
    fields = {row.name: row.receptive_field for row in summary.rows}

    assert len(names) == len(set(names))
    assert {"image", "label", "codes", "generator/up1_conv", "discriminator/logits"} <= set(names)
    assert sum(row.parameters for row in summary.rows) == model.count_params()
    assert [row.kind for row in summary.blocks if row.name == "generator/up1"] == ["5x5 4 up 2"]
    assert [fields[f"discriminator/stage{stage}_block1_conv"] for stage in (1, 2)] == [5, 13]
    assert fields["generator/pixels_tanh"] == fields["codes"] == 0
    assert fields["discriminator/logits"] is None


@pytest.mark.parametrize(
    ("shape", "options", "message"),
    [
        ((28, 28, 1), {}, "dcgan needs sides that are 8 times a power of 2, got 28x28: the nearest are 32x32"),
        ((4, 4, 1), {}, "at least 8x8"),
        (None, {"kernel": 1}, "kernel of dcgan must be a whole number of at least 2, got 1"),
        (None, {"latent": 2.5}, "latent of dcgan must be a whole number of at least 1"),
        (None, {"features_only": True}, "unknown option of dcgan 'features_only'"),
    ],
)
def test_what_cannot_be_built_is_refused(shape, options, message):
    with pytest.raises(InputError, match=message):
        check("dcgan", shape, None, options)
