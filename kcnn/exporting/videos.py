"""A classifier of clips as a SavedModel: frames as files or as arrays in, names with probabilities out."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from kcnn.data.stretches import VideoPreparation
from kcnn.exporting.classifier import named


class ClipClassifier(tf.Module):
    """A Keras model of clips between its preprocessing and named probabilities. It answers as one of images does.

    `serving_default` takes `frame_bytes` (N, frames), an encoded PNG, JPEG or BMP of any size each; `serving_frames`
    takes `frames`, uint8 (N, frames, height, width, channels) of any size. A clip that is too short goes on with its
    last frame, of a longer one the middle is seen; that its frames are so many a second as the network sees is up to
    whoever asks. (A GIF as a file would be seen otherwise than in training: TensorFlow's decoder leaves standing what
    is to be taken away between two frames.)
    `viewing` answers what the network sees: `frames`, `height`, `width`, `channels`, and `rate`, the frames a second, 0
    where that is every frame. It takes `question` (N,), whatever it says: TF Serving asks no signature without inputs.

    Frames are files because JSON has no bytes but strings in base64: lists of numbers are several times as large, and
    slow to write and to read; plain bytes would need a shape beside them, and are larger than PNG.
    """

    def __init__(self, model: keras.Model, preparation: VideoPreparation, classes: Sequence[str]):
        super().__init__()
        # Only the variables: a Keras model tracked here would be saved with functions of its own.
        self.weights = [variable.value for variable in model.variables]
        self._logits = lambda clips: model(clips, training=False)
        self._preparation = preparation
        self._frames, *_, self._channels = preparation.shape
        self._classes = tf.constant(list(classes))
        self.signatures = ("serving_default", "serving_frames", "viewing")
        encoded = tf.TensorSpec([None, None], tf.string, "frame_bytes")
        frames = tf.TensorSpec([None, None, None, None, self._channels], tf.uint8, "frames")
        self.serving_default = _traced(self._encoded, encoded)
        self.serving_frames = _traced(self._arrays, frames)
        self.viewing = _traced(self._seen, tf.TensorSpec([None], tf.string, "question"))

    def _encoded(self, frame_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        # What is not seen is not decoded.
        seen = tf.reshape(stretch(frame_bytes, self._frames), [-1])
        return self._answer(tf.map_fn(self._preparation.image.decode, seen, fn_output_signature=tf.uint8))

    def _arrays(self, frames: tf.Tensor) -> dict[str, tf.Tensor]:
        seen = stretch(frames, self._frames)
        pictures = tf.reshape(seen, tf.concat([[-1], tf.shape(seen)[2:]], 0))
        return self._answer(self._preparation.image.fitted(tf.ensure_shape(pictures, (None, *frames.shape[2:]))))

    def _answer(self, pictures: tf.Tensor) -> dict[str, tf.Tensor]:
        clips = tf.reshape(pictures, [-1, *self._preparation.shape])
        return named(self._logits(self._preparation.standardize(clips)), self._classes)

    def _seen(self, question: tf.Tensor) -> dict[str, tf.Tensor]:
        rate = tf.constant(self._preparation.rate or 0.0, tf.float64)
        sizes = zip(("frames", "height", "width", "channels"), self._preparation.shape, strict=True)
        told = {name: tf.constant(size) for name, size in sizes} | {"rate": rate}
        return {name: tf.fill(tf.shape(question), value) for name, value in told.items()}


def stretch(frames: tf.Tensor, wanted: int) -> tf.Tensor:
    """The middle `wanted` of the frames of clips (N, frames, ...); what is shorter goes on with its last frame."""
    count = tf.shape(frames)[1]
    some = tf.debugging.Assert(count > 0, ["a clip has no frames"])
    # Eagerly it has raised, and is None.
    with tf.control_dependencies([] if some is None else [some]):
        first = tf.maximum(count - wanted, 0) // 2
    return tf.gather(frames, tf.minimum(first + tf.range(wanted), count - 1), axis=1)


def _traced(function: Callable[[tf.Tensor], dict[str, tf.Tensor]], given: tf.TensorSpec) -> Any:
    return tf.function(function, input_signature=[given], autograph=False)
