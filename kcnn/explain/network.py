"""What every explanation asks of a network: its logits, its layers by name, a batch that fits it."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kcnn.errors import InputError, unknown

Labels = Sequence[int] | np.ndarray
"""The class to explain, one an image or clip."""


def logits(model: keras.Model) -> Any:
    """The symbolic logits (N, classes); auxiliary heads are left aside."""
    return model.output["logits"] if isinstance(model.output, dict) else model.output


def logits_name(model: keras.Model) -> str:
    """The name of the layer that answers the logits."""
    return logits(model)._keras_history.operation.name


def tensor(model: keras.Model, tap: str) -> Any:
    """What the layer called `tap` answers. Raises InputError, with the nearest name, where there is none."""
    layers = {layer.name: layer for layer in model.layers}
    if tap not in layers:
        raise unknown(f"layer of {model.name}", tap, layers)
    return layers[tap].output


def has_maps(answer: Any) -> bool:
    """Whether a layer's answer is maps (N, h, w, C), or those of a clip (N, t, h, w, C)."""
    return len(answer.shape) in (4, 5)


def maps(model: keras.Model, tap: str) -> Any:
    """The maps (N, h, w, C) or (N, t, h, w, C) of the layer called `tap`. Raises InputError where it has none."""
    answer = tensor(model, tap)
    if not has_maps(answer):
        raise InputError(f"tap must name a layer with maps (height, width, maps), got {tap!r} with {answer.shape[1:]}")
    return answer


def batch(model: keras.Model, images: np.ndarray) -> tf.Tensor:
    """The images or clips in the type of the network's input. Raises InputError where they do not fit it."""
    wanted, given = tuple(model.input.shape[1:]), np.shape(images)
    fits = len(given) == len(wanted) + 1 and all(
        side in (None, size) for side, size in zip(wanted, given[1:], strict=True)
    )
    if not fits or not given[0]:
        what = "clips" if len(wanted) == 4 else "images"
        raise InputError(f"{what} must be (N, {', '.join(map(str, wanted))}) for {model.name}, got {given}")
    return tf.convert_to_tensor(images, model.input.dtype)


def classes_of(model: keras.Model, images: np.ndarray, labels: Labels) -> np.ndarray:
    """The labels as an array (N,). Raises InputError where they are not one class an image."""
    chosen, classes = np.asarray(labels), logits(model).shape[-1]
    what = "clips" if np.ndim(images) == 5 else "images"
    if chosen.shape != (len(images),) or not np.issubdtype(chosen.dtype, np.integer):
        raise InputError(f"labels must be one whole number for each of {len(images)} {what}, got {labels!r}")
    if chosen.min() < 0 or chosen.max() >= classes:
        raise InputError(f"labels must be at least 0 and below {classes}, got {chosen.min()} to {chosen.max()}")
    return chosen


def at_labels(answers: tf.Tensor, labels: np.ndarray) -> tf.Tensor:
    """Of each row of (N, classes) the number of its class, (N,)."""
    return tf.gather(answers, labels, axis=1, batch_dims=1)


def array(values: Any) -> np.ndarray:
    """As NumPy; what was computed in half precision as float32."""
    return tf.cast(values, tf.float32).numpy() if values.dtype in (tf.bfloat16, tf.float16) else values.numpy()
