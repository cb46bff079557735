"""A segmentation as a SavedModel: images of any size in, masks out."""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from kcnn.data.preprocessing import Preprocessing, decode_image
from kcnn.data.tiles import Tiling


class Segmenter(tf.Module):
    """A Keras model that answers tiles, between its preprocessing and whole masks.

    `serving_default` takes `images`, uint8 (N, height, width, channels) of any N, height and width, and answers
    `probabilities` (N, height, width, classes) and `mask` (N, height, width), the value of each pixel's class.
    `serving_bytes` takes `image_bytes`, a vector of encoded files of any sizes, and answers `mask_bytes`, a grey PNG
    each, and `shares` (N, classes) of the pixels for `class_names`.

    `values` are what stands for each class in the masks that the network learned from.
    """

    signatures = ("serving_default", "serving_bytes")

    def __init__(
        self,
        model: keras.Model,
        preprocessing: Preprocessing,
        classes: Sequence[str],
        values: Sequence[int],
        tiling: Tiling,
    ):
        super().__init__()
        # Only the variables: a Keras model tracked here would be saved with functions of its own.
        self.weights = [variable.value for variable in model.variables]
        self._logits = lambda tiles: model(tiles, training=False)
        self._preprocessing = preprocessing
        self._tiling = tiling
        self._classes = tf.constant(list(classes))
        # A PNG has 8 or 16 bits a pixel.
        self._values = tf.constant(list(values), tf.uint8 if max(values) < 256 else tf.uint16)
        images = tf.TensorSpec([None, None, None, preprocessing.channels], tf.uint8, "images")
        encoded = tf.TensorSpec([None], tf.string, "image_bytes")
        self.serving_default = tf.function(self._images, input_signature=[images], autograph=False)
        self.serving_bytes = tf.function(self._bytes, input_signature=[encoded], autograph=False)

    def _images(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        def one(image: tf.Tensor) -> tf.Tensor:
            return self._joined(image, tf.nn.softmax, tf.float32)

        probabilities = tf.map_fn(one, images, fn_output_signature=tf.float32)
        return {"probabilities": probabilities, "mask": self._values_of(tf.argmax(probabilities, -1))}

    def _bytes(self, image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        def one(encoded: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            image = decode_image(encoded, self._preprocessing.channels)
            answer = self._joined(image, lambda logits: tf.argmax(logits, -1)[..., tf.newaxis], tf.uint8)
            # In whole numbers: a float32 counts no further than 16,777,216.
            counts = tf.math.bincount(tf.cast(answer, tf.int32), minlength=self._classes.shape[0], dtype=tf.int64)
            shares = tf.cast(counts / tf.reduce_sum(counts), tf.float32)
            return tf.io.encode_png(self._values_of(answer)), shares

        masks, shares = tf.map_fn(one, image_bytes, fn_output_signature=(tf.string, tf.float32))
        names = tf.tile(self._classes[tf.newaxis], [tf.shape(shares)[0], 1])
        return {"mask_bytes": masks, "shares": shares, "class_names": names}

    def _joined(self, image: tf.Tensor, said: Callable[[tf.Tensor], tf.Tensor], dtype: tf.DType) -> tf.Tensor:
        """What is said of the logits of each pixel (H, W, k), for an image (H, W, channels), uint8.

        A tile at a time: in float32 there is never more than one of them.
        """

        def answer(tile: tf.Tensor) -> tf.Tensor:
            logits = self._logits(self._preprocessing.standardize(tile[tf.newaxis]))
            return tf.cast(said(logits)[0], dtype)

        size = tf.shape(image)
        answers = tf.map_fn(answer, self._tiling.cut(image), fn_output_signature=dtype)
        return self._tiling.join(answers, size[0], size[1])

    def _values_of(self, classes: tf.Tensor) -> tf.Tensor:
        return tf.gather(self._values, tf.cast(classes, tf.int32))
