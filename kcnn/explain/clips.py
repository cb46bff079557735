"""What a network looks at in a clip, and when."""

from dataclasses import dataclass

import keras
import numpy as np

from kcnn.explain.grad_cam import enlarged_in_time, grad_cam
from kcnn.explain.network import array, batch, logits
from kcnn.explain.overview import last_maps
from kcnn.explain.saliency import saliency


@dataclass(frozen=True)
class ClipView:
    """The class `label` that is explained, the `probabilities` of all, and `saliency` (T, H, W).

    `grad_cam` (T, H, W) in 0..1 is that of the layer `tap`, and 0 in frames that the class's logit does not depend on;
    both are None for a network without maps.
    """

    label: int
    probabilities: np.ndarray
    saliency: np.ndarray
    tap: str | None
    grad_cam: np.ndarray | None


def clip_view(model: keras.Model, clip: np.ndarray, label: int | None = None, tap: str | None = None) -> ClipView:
    """What the network looks at in a clip (T, H, W, C) for the class `label`, or for the likeliest.

    Grad-CAM is that of the layer called `tap`, or else of the last one whose maps have more than one place.
    Raises InputError as `saliency` and `grad_cam` do.
    """
    clips = clip[np.newaxis]
    answers = keras.Model(model.input, logits(model))(batch(model, clips), training=False)
    probabilities = array(keras.ops.softmax(keras.ops.cast(answers, "float32")))[0]
    chosen = int(probabilities.argmax()) if label is None else label
    tap = tap or last_maps(model)
    look = saliency(model, clips, [chosen])[0]
    evidence = None
    if tap:
        # A network may see some of the frames alone: maps of these are enlarged to all.
        evidence = enlarged_in_time(grad_cam(model, clips, [chosen], tap), clip.shape[:3])[0]
        evidence *= look.any(axis=(1, 2), keepdims=True)
    return ClipView(chosen, probabilities, look, tap, evidence)
