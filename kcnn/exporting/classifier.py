"""A classifier as a SavedModel: images or encoded files in, names with probabilities out."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from kcnn.data.preprocessing import Preprocessing


class Classifier(tf.Module):
    """A Keras model between its preprocessing and named probabilities.

    `serving_default` takes `images`, uint8 (N, height, width, channels) of any N, height and width;
    `serving_bytes` takes `image_bytes`, a vector of encoded PNG, JPEG, BMP or GIF files.
    Both answer `class_name` (N,) and `probability` (N,) of the best class, and `class_names` and `probabilities`
    (N, classes) of all.
    """

    signatures = ("serving_default", "serving_bytes")

    def __init__(self, model: keras.Model, preprocessing: Preprocessing, classes: Sequence[str]):
        super().__init__()
        # Only the variables: a Keras model tracked here would be saved with functions of its own.
        self.weights = [variable.value for variable in model.variables]
        self._logits = lambda images: model(images, training=False)
        self._preprocessing = preprocessing
        self._classes = tf.constant(list(classes))
        images = tf.TensorSpec([None, None, None, preprocessing.channels], tf.uint8, "images")
        encoded = tf.TensorSpec([None], tf.string, "image_bytes")
        self.serving_default = tf.function(self._images, input_signature=[images], autograph=False)
        self.serving_bytes = tf.function(self._bytes, input_signature=[encoded], autograph=False)

    def _images(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        return self._answer(self._preprocessing.fitted(images))

    def _bytes(self, image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        decode = self._preprocessing.decode
        return self._answer(tf.map_fn(decode, image_bytes, fn_output_signature=tf.uint8))

    def _answer(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        return named(self._logits(self._preprocessing.standardize(images)), self._classes)


def named(logits: tf.Tensor, classes: tf.Tensor) -> dict[str, tf.Tensor]:
    """Logits (N, classes) as the best class with its probability, and all names with theirs."""
    probabilities = tf.nn.softmax(tf.cast(logits, tf.float32))
    return {
        "class_name": tf.gather(classes, tf.argmax(probabilities, axis=-1)),
        "probability": tf.reduce_max(probabilities, axis=-1),
        "class_names": tf.tile(classes[tf.newaxis], [tf.shape(probabilities)[0], 1]),
        "probabilities": probabilities,
    }
