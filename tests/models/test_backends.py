"""One network, the same weights, on TensorFlow and on JAX."""

import os
import subprocess
import sys

import numpy as np
import pytest

from kcnn.layers.refresh import refresh
from kcnn.models import CATALOG, build, variant

# The smallest variant of each family, and one of each kind of block.
SMALLEST = [
    "mlp",
    "neocognitron",
    "lecun1989",
    "lenet5",
    "lenet5_1998",
    "alexnet",
    "vgg11_lrn",
    "googlenet",
    "resnet18",
    "resnet20_cifar",
    "resnext50_32x4d",
    "densenet_l40_k12",
    "squeezenet1_1",
    "mobilenet_v2",
    "shufflenet_v2_x0_5",
    "efficientnet_b0",
    "efficientnet_lite0",
    "all_cnn_c",
]

# Forms with layers that the papers' networks lack: adaptive pooling, heads on it, standardisation inside.
FORMS = ["alexnet:torchvision", "googlenet:torchvision", "efficientnet_b0:keras"]

ON_JAX = """
import sys
import keras
import numpy as np
from kcnn.layers.refresh import refresh
from kcnn.models import build

assert keras.backend.backend() == "jax"
for path in sys.argv[1:]:
    stored = np.load(path)
    name, _, like = str(stored["key"]).partition(":")
    model = build(name, stored["x"].shape[1:], **({"like": like} if like else {}))
    model.set_weights([stored[f"weight{index}"] for index in range(len(model.weights))])
    refresh(model)
    answer = np.asarray(model.predict_on_batch(stored["x"]))
    np.save(path.replace(".npz", ".npy"), answer)
"""


def on_jax(keys, folder, drawn=True):
    """The answers of both backends by `name` or `name:like`; JAX runs in a process of its own.

    Scales, biases and statistics are drawn, so that each of them matters. The larger EfficientNets amplify rounding
    then, and keep the fresh ones.
    """
    expected, generator = {}, np.random.default_rng(0)
    for key in keys:
        name, _, like = key.partition(":")
        row = variant(name)
        side = [min(size, 64) for size in row.input_shape[:2]] if name not in ("alexnet", "lenet5") else row.smallest
        model = build(name, (*side, row.input_shape[-1]), **({"like": like} if like else {}))
        for weight in model.weights:
            if drawn and len(weight.shape) == 1 and weight.dtype == "float32":
                weight.assign(generator.uniform(0.5, 1.5, weight.shape))
        refresh(model)
        x = generator.uniform(0, 1, (2, *model.input_shape[1:])).astype("float32")
        weights = {f"weight{index}": weight for index, weight in enumerate(model.get_weights())}
        np.savez(folder / f"{key}.npz", key=key, x=x, **weights)
        expected[key] = np.array(model(x))
    paths = [str(folder / f"{key}.npz") for key in keys]
    # Compiled once and run once: what the compiler saves does not come back.
    flags = "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true"
    environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "XLA_FLAGS": flags}
    done = subprocess.run(
        [sys.executable, "-c", ON_JAX, *paths], env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return {key: (np.load(folder / f"{key}.npy"), expected[key]) for key in keys}


@pytest.fixture(scope="module")
def smallest(tmp_path_factory):
    return on_jax(SMALLEST + FORMS, tmp_path_factory.mktemp("jax"))


@pytest.mark.parametrize("key", SMALLEST + FORMS)
def test_jax_gives_the_logits_of_tensorflow(smallest, key):
    jax, tensorflow = smallest[key]

    assert np.linalg.norm(jax - tensorflow) <= 1e-4 * np.linalg.norm(tensorflow)


def test_every_family_is_among_them():
    assert {variant(name).module for name in SMALLEST} == {row.module for row in CATALOG.values()}


@pytest.mark.slow
@pytest.mark.parametrize("module", sorted({row.module for row in CATALOG.values()}))
def test_jax_gives_the_logits_of_tensorflow_for_every_variant(module, tmp_path):
    names = [name for name, row in CATALOG.items() if row.module == module and name not in SMALLEST]
    answers = on_jax(names, tmp_path, drawn=module != "efficientnet") if names else {}

    for name, (jax, tensorflow) in answers.items():
        assert np.linalg.norm(jax - tensorflow) <= 1e-4 * np.linalg.norm(tensorflow), name
    for path in tmp_path.iterdir():
        path.unlink()  # the weights of a family take gigabytes
