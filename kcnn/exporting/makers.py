"""Networks that make images as SavedModels: codes, images or the names of classes in, PNG files out."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from kcnn.data.preprocessing import Preprocessing
from kcnn.models.cuts import decoder, encoder, generator


class Reconstructor(tf.Module):
    """An autoencoder, cut at its code.

    `serving_default` takes `images`, uint8 (N, height, width, channels) of any N, height and width, and answers the
    reconstructed `images` (N, h, w, channels), uint8, at the network's size, and their `code` (N, latent).
    `serving_bytes` takes `image_bytes`, a vector of encoded files, and answers `image_bytes`, a PNG each, and `code`.
    `decode` takes `code`, and answers `image_bytes`.
    """

    signatures = ("serving_default", "serving_bytes", "decode")

    def __init__(self, model: keras.Model, preprocessing: Preprocessing):
        super().__init__()
        # Only the variables: a Keras model tracked here would be saved with functions of its own.
        self.weights = [variable.value for variable in model.variables]
        cut = encoder(model), decoder(model)
        self._encode, self._decode = (lambda x, part=part: part(x, training=False) for part in cut)
        self._preprocessing = preprocessing
        images = tf.TensorSpec([None, None, None, preprocessing.channels], tf.uint8, "images")
        encoded = tf.TensorSpec([None], tf.string, "image_bytes")
        code = tf.TensorSpec([None, cut[1].input_shape[-1]], tf.float32, "code")
        self.serving_default = tf.function(self._images, input_signature=[images], autograph=False)
        self.serving_bytes = tf.function(self._bytes, input_signature=[encoded], autograph=False)
        self.decode = tf.function(self._codes, input_signature=[code], autograph=False)

    def _images(self, images: tf.Tensor) -> dict[str, tf.Tensor]:
        code = self._encode(self._preprocessing.standardize(self._preprocessing.fitted(images)))
        return {"images": self._made(code), "code": code}

    def _bytes(self, image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        answer = self._images(tf.map_fn(self._preprocessing.decode, image_bytes, fn_output_signature=tf.uint8))
        return {"image_bytes": _files(answer["images"]), "code": answer["code"]}

    def _codes(self, code: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"image_bytes": _files(self._made(code))}

    def _made(self, code: tf.Tensor) -> tf.Tensor:
        return _pixels(tf.sigmoid(self._decode(code)))


class Generator(tf.Module):
    """The generator of an adversarial pair.

    `serving_default` takes `class_name` (N,) and `seed` (N,), from which a code is drawn, and answers `image_bytes`, a
    PNG each; equal seeds, equal images. `decode` takes `class_name` and `code` (N, latent).
    Both refuse a name that is no class.
    """

    signatures = ("serving_default", "decode")

    def __init__(self, model: keras.Model, classes: Sequence[str]):
        super().__init__()
        part = generator(model)
        self.weights = [variable.value for variable in part.variables]
        self._generate = lambda code, label: part({"code": code, "label": label}, training=False)
        self._latent = part.input["code"].shape[-1]
        self._known = ", ".join(classes)
        self._classes = tf.constant(list(classes))
        name, seed = tf.TensorSpec([None], tf.string, "class_name"), tf.TensorSpec([None], tf.int64, "seed")
        code = tf.TensorSpec([None, self._latent], tf.float32, "code")
        self.serving_default = tf.function(self._seeds, input_signature=[name, seed], autograph=False)
        self.decode = tf.function(self._codes, input_signature=[name, code], autograph=False)

    def _seeds(self, class_name: tf.Tensor, seed: tf.Tensor) -> dict[str, tf.Tensor]:
        codes = tf.map_fn(lambda one: code_of(one, self._latent), seed, fn_output_signature=tf.float32)
        return self._codes(class_name, codes)

    def _codes(self, class_name: tf.Tensor, code: tf.Tensor) -> dict[str, tf.Tensor]:
        matches = tf.equal(class_name[:, tf.newaxis], self._classes)
        known = tf.debugging.Assert(
            tf.reduce_all(tf.reduce_any(matches, -1)), [f"class_name must be one of {self._known}"]
        )
        with tf.control_dependencies([known]):
            label = tf.argmax(matches, -1)
        return {"image_bytes": _files(_pixels((self._generate(code, label) + 1.0) / 2.0))}


def code_of(seed: tf.Tensor, latent: int) -> tf.Tensor:
    """The code (latent,), standard normal, that a seed draws."""
    seed = tf.cast(seed, tf.int64)
    return tf.random.stateless_normal([latent], tf.stack([seed, tf.zeros_like(seed)]))


def _pixels(shares: tf.Tensor) -> tf.Tensor:
    """Values in 0..1 as uint8."""
    return tf.cast(tf.clip_by_value(tf.round(255.0 * shares), 0.0, 255.0), tf.uint8)


def _files(images: tf.Tensor) -> tf.Tensor:
    return tf.map_fn(tf.io.encode_png, images, fn_output_signature=tf.string)
