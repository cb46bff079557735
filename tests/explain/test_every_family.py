"""Every family can be explained: the smallest variant of each, on a small image, with fresh weights."""

import keras
import numpy as np
import pytest

from kcnn.errors import InputError
from kcnn.explain.deconvnet import project
from kcnn.explain.feature_maps import feature_maps, strongest
from kcnn.explain.grad_cam import grad_cam
from kcnn.explain.saliency import saliency
from kcnn.layers.precision import precision
from kcnn.models import CATALOG, build
from kcnn.models.cuts import is_stage

FAMILIES = {row.family for row in CATALOG.values() if row.classifier} - {"mlp"}
SMALLEST = sorted(
    min((row for row in CATALOG.values() if row.family == family), key=lambda row: row.parameters).name
    for family in FAMILIES
)


def is_tap(layer):
    """Whether a layer is one of the named taps and has maps."""
    return (layer.name in ("stem", "features") or is_stage(layer.name)) and len(layer.output.shape) == 4


def built(name, policy="float32"):
    row = CATALOG[name]
    keras.utils.set_random_seed(0)
    with precision(policy):
        model = build(name, (*row.smallest, row.input_shape[-1]), classes=4)
    return model, np.random.default_rng(0).normal(size=(2, *model.input_shape[1:])).astype("float32")


@pytest.mark.parametrize("name", SMALLEST)
def test_grad_cam_at_every_tap_saliency_and_the_deconvnet_explain_it(name):
    model, images = built(name)

    taps = [layer.name for layer in model.layers if is_tap(layer)]
    evidence = [grad_cam(model, images, [0, 3], tap) for tap in taps]
    gradient = saliency(model, images, [0, 3])
    unit = strongest(feature_maps(model, images, "stage1"), 1)[0]
    projection = project(model, images, "stage1", unit)

    assert {"stem", "stage1", "features"} <= set(taps)
    assert [each.shape[1:] for each in evidence] == [model.get_layer(tap).output.shape[1:3] for tap in taps]
    assert all(0 <= each.min() <= each.max() <= 1 for each in evidence)
    assert evidence[taps.index("stage1")].max() == 1
    assert gradient.shape == images.shape[:3]
    assert np.isfinite(gradient).all() and gradient.max() > 0
    assert projection.shape == images.shape
    assert np.isfinite(projection).all() and np.abs(projection).max() > 0


@pytest.mark.parametrize("name", SMALLEST)
def test_grad_cam_explains_it_in_half_precision(name):
    model, images = built(name, "mixed_bfloat16")

    evidence = grad_cam(model, images, [0, 3], tap="stage1")

    assert evidence.dtype == np.float32
    assert 0 <= evidence.min() <= evidence.max() == 1


def test_a_network_without_maps_has_saliency_alone():
    model, images = built("mlp")

    assert saliency(model, images, [0, 3]).shape == (2, 1, 1)
    with pytest.raises(InputError, match="tap must name a layer with maps"):
        grad_cam(model, images, [0, 3])
