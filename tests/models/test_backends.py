"""One network, the same weights, on TensorFlow and on JAX."""

import os
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from kcnn.layers.refresh import refresh
from kcnn.models import CATALOG, build, variant
from kcnn.models import smallest as smallest_sides
from kcnn.models.cuts import encoder
from kcnn.recipes.overrides import parse

ROOT = Path(__file__).parents[2]

# The smallest variant of each family, and one of each kind of block.
SMALLEST = [
    "mlp",
    "neocognitron",
    "lecun1989",
    "lenet5",
    "lenet5_1998",
    "resnet18",
    "resnet20_cifar",
    "squeezenet1_1",
    "mobilenet_v2",
    "shufflenet_v2_x0_5",
    "efficientnet_lite0",
    "all_cnn_c",
]

# The same of families whose smallest takes JAX's compiler long.
LARGER = ["alexnet", "vgg11_lrn", "googlenet", "resnext50_32x4d", "densenet_l40_k12", "efficientnet_b0"]

# Forms with layers that the papers' networks lack: adaptive pooling, heads on it, standardisation inside.
FORMS = ["alexnet:like=torchvision", "googlenet:like=torchvision", "efficientnet_b0:like=keras"]

# Networks that answer maps, in small forms: name, options, and after a slash the network inside that is asked.
MAPS = [
    "unet:base=4",
    "fcn8s:backbone=resnet18",
    "dilated_context:base=4,head=8,padding=same,context=large",
    "autoencoder:base=8,upsampling=resize",
    "vae:base=8/encoder",  # the code is drawn, and what follows from it
    "dcgan:base=8/generator",
    "dcgan:base=8/discriminator",
]

# Networks of series and texts, in small forms, whose windows reach before the beginning and beyond the end.
SEQUENCES = [
    "tcn:filters=5,levels=3,kernel=3",
    "tcn:filters=5,levels=3,kernel=3,answer=every",
    "lstm:units=5,depth=2,forget_bias=2",
    "gru:units=5,answer=every",
    "text_cnn:embedding=multichannel,vocabulary=20,dimensions=6,filters=5",
    "conditional_wavenet:filters=3",
    "conditional_wavenet:filters=3,conditional=false",
]

# Networks of sounds. Those that continue them are told labels and local numbers, a row for every 13 codes.
SOUNDS = [
    "spectrogram_cnn:rate=1000,bins=8,filters=4",
    'wavenet:filters=5,skip=6,stacks=2,levels=2,conditions={"class":3,"speaker":2},local=4,hop=13',
    'wave_lstm:units=5,depth=2,conditions={"class":3},local=4,hop=13',
]

# Networks of clips, in small forms.
CLIPS = [
    "ji2013",
    "single_frame:width=0.1,units=16,small_stem=true",
    "late_fusion:width=0.1,units=16,small_stem=true",
    "early_fusion:width=0.1,units=16",
    "slow_fusion:width=0.1,units=16,small_stem=true",
    "c3d_small:filters=4",
    "two_stream_3d:filters=4",
    "r3d_18",
]

ON_JAX = """
import sys
import keras
import numpy as np
from tests.models.test_backends import answer_of, made

assert keras.backend.backend() == "jax"
for path in sys.argv[1:]:
    stored = np.load(path)
    count = sum(name.startswith("weight") for name in stored)
    model = made(str(stored["key"]))
    model.set_weights([stored[f"weight{index}"] for index in range(count)])
    np.save(path.replace(".npz", ".npy"), answer_of(model, {name: stored[name] for name in stored}))
"""


def made(key):
    """The model, or the network inside it, of a key `name:option=value,.../part`."""
    whole, _, part = key.partition("/")
    name, _, options = whole.partition(":")
    chosen = parse(_OPTION.split(options)) if options else {}
    model = build(name, shape_of(variant(name), chosen), **chosen)
    if part == "encoder":
        return encoder(model)
    return model.get_layer(part) if part else model


_OPTION = re.compile(r",(?=\w+=)")
"""What stands between two options, and not within one."""


def shape_of(row, chosen):
    """Images of at most 64 pixels where that is enough; short series, texts, recordings and clips."""
    if row.name == "spectrogram_cnn":
        return (130,)
    if row.task == "autoregression":
        return (26,)
    if row.data in ("series", "text", "forecast"):
        return (13, *row.input_shape[1:])
    if row.data == "video":
        frames, height, width = row.smallest
        return (frames + 1, height, width + 3, row.input_shape[-1])
    side = min(row.input_shape[0], 64)
    if row.allowed or row.name in ("alexnet", "lenet5"):
        side = max(side, row.smallest[0] if row.name == "alexnet" else smallest_sides(row, chosen)[0])
    return side, side, row.input_shape[-1]


def inputs_of(model):
    """The model's inputs by name."""
    return model.input if isinstance(model.input, dict) else {model.input.name: model.input}


def answer_of(model, inputs):
    """All that a model answers, in one row of numbers; compiled on JAX alone, where single operations take long."""
    refresh(model)
    given = {name: inputs[name] for name in inputs_of(model)}
    given = given if isinstance(model.input, dict) else next(iter(given.values()))
    answered = model.predict_on_batch(given) if keras.backend.backend() == "jax" else model(given)
    return np.concatenate([np.ravel(value) for value in keras.tree.flatten(answered)])


def drawn_inputs(model, generator):
    """Images, series and codes in 0..1, texts of words below 20 with padding, labels of the first classes, by name.

    Sounds to be continued are 8-bit codes.
    """

    def drawn(tensor):
        shape = (2, *tensor.shape[1:])
        if tensor.name == "codes":
            return generator.integers(0, 256, shape).astype("int32")
        if tensor.shape[1:] and tensor.dtype == "int32":
            return np.sort(generator.integers(0, 20, shape))[:, ::-1].astype("int32")
        return generator.uniform(0, 1, shape).astype("float32") if tensor.shape[1:] else np.arange(2)

    return {name: drawn(tensor) for name, tensor in inputs_of(model).items()}


def on_jax(keys, folder, drawn=True):
    """The answers of both backends by key; JAX runs in a process of its own.

    Scales, biases and statistics are drawn, so that each of them matters. The larger EfficientNets amplify rounding
    then, and keep the fresh ones.
    """
    expected, generator = {}, np.random.default_rng(0)
    for number, key in enumerate(keys):
        model = made(key)
        for weight in model.weights:
            if drawn and len(weight.shape) == 1 and weight.dtype == "float32":
                weight.assign(generator.uniform(0.5, 1.5, weight.shape))
        inputs = drawn_inputs(model, generator)
        weights = {f"weight{index}": weight for index, weight in enumerate(model.get_weights())}
        np.savez(folder / f"{number}.npz", key=key, **inputs, **weights)
        expected[key] = answer_of(model, inputs)
    paths = [str(folder / f"{number}.npz") for number in range(len(keys))]
    # Compiled once and run once: what the compiler saves does not come back.
    flags = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "XLA_FLAGS": flags}
    done = subprocess.run(
        [sys.executable, "-c", ON_JAX, *paths], cwd=ROOT, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return {key: (np.load(folder / f"{number}.npy"), expected[key]) for number, key in enumerate(keys)}


@pytest.fixture(scope="module")
def smallest(tmp_path_factory):
    return on_jax(SMALLEST + MAPS + SEQUENCES + SOUNDS + CLIPS, tmp_path_factory.mktemp("jax"))


@pytest.fixture(scope="module")
def larger(tmp_path_factory):
    return on_jax(LARGER + FORMS, tmp_path_factory.mktemp("jax"))


@pytest.mark.slow
@pytest.mark.parametrize("key", LARGER + FORMS)
def test_jax_gives_the_answer_of_tensorflow_for_larger_networks(larger, key):
    jax, tensorflow = larger[key]

    assert np.linalg.norm(jax - tensorflow) <= 1e-4 * np.linalg.norm(tensorflow)


@pytest.mark.parametrize("key", SMALLEST + MAPS + SEQUENCES + SOUNDS + CLIPS)
def test_jax_gives_the_answer_of_tensorflow(smallest, key):
    jax, tensorflow = smallest[key]

    assert np.linalg.norm(jax - tensorflow) <= 1e-4 * np.linalg.norm(tensorflow)


def test_every_family_is_among_them():
    names = SMALLEST + LARGER + [key.partition(":")[0] for key in MAPS + SEQUENCES + SOUNDS + CLIPS]

    assert {variant(name).module for name in names} == {row.module for row in CATALOG.values()}


@pytest.mark.slow
@pytest.mark.parametrize("module", sorted({row.module for row in CATALOG.values() if row.classifier}))
def test_jax_gives_the_logits_of_tensorflow_for_every_variant(module, tmp_path):
    names = [name for name, row in CATALOG.items() if row.module == module and name not in SMALLEST + LARGER]
    answers = on_jax(names, tmp_path, drawn=module != "efficientnet") if names else {}

    for name, (jax, tensorflow) in answers.items():
        assert np.linalg.norm(jax - tensorflow) <= 1e-4 * np.linalg.norm(tensorflow), name
    for path in tmp_path.iterdir():
        path.unlink()  # the weights of a family take gigabytes
