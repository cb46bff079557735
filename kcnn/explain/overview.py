"""All that one image shows of a network, as far as the network has maps to look at."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import keras
import numpy as np

from kcnn.errors import InputError
from kcnn.explain import transforms
from kcnn.explain.activation_maximisation import maximise
from kcnn.explain.deconvnet import project
from kcnn.explain.feature_maps import feature_maps, strongest
from kcnn.explain.grad_cam import grad_cam
from kcnn.explain.invariance import similarity
from kcnn.explain.kernels import first_layer_kernels
from kcnn.explain.network import batch, has_maps, logits, logits_name
from kcnn.explain.occlusion import occlusion
from kcnn.explain.saliency import saliency, smooth_grad
from kcnn.models.cuts import is_stage

MAPS = 9
"""How many of a layer's maps are kept, the strongest first."""

COPIES = 32
"""How many noisy copies SmoothGrad takes the mean of."""

CLIMB = 64
"""Steps towards the image that the class would like best."""

CHANGES = np.linspace(0, 1, 9)
"""Shares of the largest change that the image is shifted, turned and enlarged by."""

LARGEST_SHIFT, LARGEST_TURN, LARGEST_SCALE = 0.25, 90.0, 2.0
"""A share of the width, degrees, a factor."""

Tell = Callable[[str], None]
"""Called with what comes next, for some of it takes a while."""


@dataclass(frozen=True)
class Projection:
    """The strongest activation of map `unit` at `tap` as pixels (H, W, C); `grad_cam` (h, w) is at the same tap."""

    tap: str
    unit: int
    pixels: np.ndarray
    grad_cam: np.ndarray


@dataclass(frozen=True)
class Overview:
    """One image explained for one class.

    `probabilities` (classes,); `saliency` and, over so many noisy `copies`, `smooth_grad` (H, W); `occlusion` (rows,
    columns), the probability that a `square` of pixels takes away where it covers the image; `liked` (H, W, C), the
    image that the class's logit climbs to from noise, None where noise does not move it; `invariance`, the cosine of
    what the classifier sees of the image and of it shifted, turned and enlarged, by the shares CHANGES of a largest
    change that the key names. What follows is None, or empty, where the network has no maps: `kernels` (height,
    width, channels, filters), and the strongest maps (h, w, at most MAPS) of each stage with how many there are.
    """

    label: int
    probabilities: np.ndarray
    saliency: np.ndarray
    smooth_grad: np.ndarray
    copies: int
    occlusion: np.ndarray
    square: int
    liked: np.ndarray | None
    invariance: Mapping[str, np.ndarray]
    projection: Projection | None
    kernels: np.ndarray | None
    stages: Mapping[str, tuple[np.ndarray, int]]

    @property
    def left_out(self) -> tuple[str, ...]:
        """What there is nothing to show of."""
        absent = {
            "activation maximisation": self.liked is None,
            "Grad-CAM": self.projection is None,
            "deconvnet": self.projection is None,
            "first-layer kernels": self.kernels is None,
            "feature maps": not self.stages,
        }
        return tuple(name for name, missing in absent.items() if missing)


def overview(
    model: keras.Model,
    image: np.ndarray,
    label: int | None = None,
    tap: str | None = None,
    tell: Tell = lambda what: None,
) -> Overview:
    """Everything about one image (H, W, C), for the class `label`, or else the one that the network names.

    Grad-CAM and the deconvnet look at `tap`, or else at the last maps with more than one place.
    Raises InputError for a tap without maps or that the logits do not depend on, or what does not fit the network.
    """
    images = image[np.newaxis]
    answering = keras.Model(model.input, logits(model))
    probabilities = keras.ops.convert_to_numpy(keras.ops.softmax(answering(batch(model, images), training=False)))[0]
    chosen = int(probabilities.argmax()) if label is None else label
    tap = tap or last_maps(model)
    # A square of a fifth of the image, moved by a third of itself: some 15 x 15 places.
    square = max(1, round(min(image.shape[:2]) / 5))
    tell("covering it square by square")
    covered = occlusion(model, images, [chosen], square, max(1, square // 3))[0]
    tell("climbing to what the class likes")
    liked = _liked(model, chosen, image.shape)
    tell("shifting, turning and enlarging it")
    invariance = _invariance(model, images)
    tell("taking gradients of noisy copies")
    smooth = smooth_grad(model, images, [chosen], samples=COPIES)[0]
    return Overview(
        label=chosen,
        probabilities=probabilities,
        saliency=saliency(model, images, [chosen])[0],
        smooth_grad=smooth,
        copies=COPIES,
        occlusion=probabilities[chosen] - covered,
        square=square,
        liked=liked,
        invariance=invariance,
        projection=_projection(model, images, chosen, tap) if tap else None,
        kernels=_kernels(model),
        stages={name: _strongest(model, images, name) for name in _stages(model)},
    )


def _liked(model: keras.Model, label: int, shape: tuple[int, ...]) -> np.ndarray | None:
    try:
        return maximise(model, logits_name(model), label, shape, steps=CLIMB)
    except InputError:
        return None


def _invariance(model: keras.Model, images: np.ndarray) -> dict[str, np.ndarray]:
    """The cosine at the tap `pooled`, or of the logits where there is none, for each kind of change.

    What is shifted away leaves 0, the mean of the training pixels.
    """
    tap = "pooled" if any(layer.name == "pooled" for layer in model.layers) else logits_name(model)
    shift = LARGEST_SHIFT * images.shape[2]
    changes = {
        f"shifted, to {LARGEST_SHIFT:.0%} of the width": (transforms.translate, shift * CHANGES),
        f"turned, to {LARGEST_TURN:.0f} degrees": (transforms.rotate, LARGEST_TURN * CHANGES),
        f"enlarged, to {LARGEST_SCALE:.0f} times": (transforms.scale, 1 + (LARGEST_SCALE - 1) * CHANGES),
    }
    return {
        name: similarity(model, images, tap, transform, amounts.tolist())
        for name, (transform, amounts) in changes.items()
    }


def _projection(model: keras.Model, images: np.ndarray, label: int, tap: str) -> Projection:
    evidence = grad_cam(model, images, [label], tap)[0]
    unit = int(strongest(feature_maps(model, images, tap), 1)[0])
    return Projection(tap, unit, project(model, images, tap, unit)[0], evidence)


def _kernels(model: keras.Model) -> np.ndarray | None:
    try:
        return first_layer_kernels(model)
    except InputError:
        return None


def _strongest(model: keras.Model, images: np.ndarray, tap: str) -> tuple[np.ndarray, int]:
    maps = feature_maps(model, images, tap)
    return maps[0][..., strongest(maps, MAPS)], maps.shape[-1]


def _stages(model: keras.Model) -> list[str]:
    """The taps with maps, from the stem on."""
    return [
        layer.name
        for layer in model.layers
        if (layer.name == "stem" or is_stage(layer.name)) and has_maps(layer.output)
    ]


def last_maps(model: keras.Model) -> str | None:
    """The tap nearest to the logits whose maps have more than one place, `features` before its own stage."""
    taps = [*_stages(model), *(layer.name for layer in model.layers if layer.name == "features")]
    outputs = {tap: model.get_layer(tap).output for tap in reversed(taps)}
    return next((tap for tap, output in outputs.items() if has_maps(output) and max(output.shape[-3:-1]) > 1), None)
