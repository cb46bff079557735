"""The proof that a SavedModel answers as the Keras model does, on real examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from kcnn.data.preprocessing import Preprocessing

TOLERANCE = 1e-5
"""The largest difference of a probability that is put down to rounding."""


@dataclass(frozen=True)
class Proof:
    """The largest differences of a probability, by signature, over `examples` real examples."""

    examples: int
    images: float
    encoded: float
    names_agree: bool

    @property
    def holds(self) -> bool:
        """Whether the SavedModel may be published."""
        return self.fault is None

    @property
    def fault(self) -> str | None:
        """How its answers differ from the model's, if they do."""
        largest = max(self.images, self.encoded)
        if not largest <= TOLERANCE:
            return f"the SavedModel differs by {largest:.2g} in a probability (up to {TOLERANCE:.0e} is rounding)"
        return None if self.names_agree else "the SavedModel gives its classes other names"


def verify(
    path: Path,
    model: keras.Model,
    preprocessing: Preprocessing,
    classes: Sequence[str],
    images: np.ndarray,
    encoded: Sequence[bytes],
) -> Proof:
    """Load the SavedModel afresh and compare it with the Keras model.

    `images` (N, height, width, channels), uint8, are `encoded` after preprocessing.
    """
    logits = model(preprocessing.standardize(images), training=False)
    expected = tf.nn.softmax(tf.cast(logits, tf.float32)).numpy()
    signatures = tf.saved_model.load(str(path)).signatures
    from_images = signatures["serving_default"](images=tf.constant(images))
    from_bytes = signatures["serving_bytes"](image_bytes=tf.constant(list(encoded)))
    names = np.array([name.encode() for name in classes])
    return Proof(
        examples=len(images),
        images=_largest(from_images["probabilities"], expected),
        encoded=_largest(from_bytes["probabilities"], expected),
        names_agree=all(
            np.array_equal(answer["class_names"].numpy()[0], names)
            and np.array_equal(answer["class_name"].numpy(), names[answer["probabilities"].numpy().argmax(-1)])
            for answer in (from_images, from_bytes)
        ),
    )


def _largest(answer: tf.Tensor, expected: np.ndarray) -> float:
    """Largest absolute difference; infinite where one is not a number, so that it cannot pass."""
    difference = float(np.max(np.abs(answer.numpy() - expected)))
    return difference if np.isfinite(difference) else float("inf")
