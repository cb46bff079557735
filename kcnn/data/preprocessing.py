"""From a file's bytes to what the network sees: one definition for training, evaluation and the exported graph."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
import tensorflow as tf

from kcnn.recipes.data import Fit, Interpolation, Pixels


@dataclass(frozen=True)
class Preprocessing:
    """Decode, fit to the network's size, standardise. Pixels are uint8 until `standardize`.

    `mean` and `std` (a value a channel, of pixels in 0..1) are those of the training images, or of those that the
    network's weights come from; the other fields are as in `Pixels`.
    """

    height: int
    width: int
    channels: int
    fit: Fit
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    order: Literal["rgb", "bgr"] = "rgb"
    interpolation: Interpolation = "bilinear"
    crop: float = 1.0

    @property
    def shape(self) -> tuple[int, int, int]:
        """Height, width and channels of what the network sees."""
        return self.height, self.width, self.channels

    @property
    def typical_shape(self) -> tuple[int, int, int]:
        """The same: all images have one size."""
        return self.shape

    def decode(self, encoded: tf.Tensor) -> tf.Tensor:
        """One encoded PNG, JPEG, BMP or GIF (its first frame) as uint8 (height, width, channels)."""
        return self.fitted(decode_image(encoded, self.channels))

    def fitted(self, images: tf.Tensor) -> tf.Tensor:
        """One image or a batch (…, any height, any width, channels), uint8, at the network's size."""
        return fit_image(images, self.height, self.width, self.fit, self.interpolation, self.crop)

    def standardize(self, images: tf.Tensor) -> tf.Tensor:
        """Images (N, height, width, channels), uint8, as float32; what `mean` and `std` are of gets 0 and 1."""
        std = np.asarray(self.std, np.float32)
        standard = tf.cast(images, tf.float32) * (1.0 / (255.0 * std)) - np.asarray(self.mean, np.float32) / std
        return tf.reverse(standard, [-1]) if self.order == "bgr" else standard

    def presenting(self, pixels: Pixels) -> "Preprocessing":
        """The same size, with the pixels presented as a network's weights expect them."""
        return replace(self, **{name: getattr(pixels, name) for name in _PRESENTED})

    @property
    def pixels(self) -> Pixels:
        """How the pixels are presented, apart from their size."""
        return Pixels(**{name: getattr(self, name) for name in _PRESENTED})

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Preprocessing":
        """The inverse of `to_json`."""
        return cls(**values | {"mean": tuple(values["mean"]), "std": tuple(values["std"])})


_PRESENTED = ("mean", "std", "order", "interpolation", "crop")


def decode_image(encoded: tf.Tensor, channels: int) -> tf.Tensor:
    """Encoded bytes as uint8 (height, width, channels); `tf.errors.InvalidArgumentError` where they are no image."""

    def decoded(channels: int) -> tf.Tensor:
        return tf.io.decode_image(encoded, channels=channels, expand_animations=False)

    if channels == 1:  # in which TensorFlow decodes no BMP
        is_bmp = tf.equal(tf.strings.substr(encoded, 0, 2), "BM")
        image = tf.cond(is_bmp, lambda: grey(decoded(3)), lambda: decoded(1))
    else:
        image = decoded(channels)
    return tf.ensure_shape(image, (None, None, channels))


def grey(pictures: tf.Tensor) -> tf.Tensor:
    """Colours (..., 3), uint8, as greys (..., 1), by the whole numbers in which OpenCV has the weights of ITU-R 601."""
    weighed = tf.cast(pictures, tf.int32) * tf.constant([9798, 19235, 3735])
    return tf.cast((tf.reduce_sum(weighed, -1, keepdims=True) + 2**14) // 2**15, tf.uint8)


def fit_image(
    images: tf.Tensor,
    height: int,
    width: int,
    fit: Fit,
    interpolation: Interpolation = "bilinear",
    crop: float = 1.0,
) -> tf.Tensor:
    """One image or a batch, uint8, at `height` x `width`; what has that size already is not changed, but by a crop."""
    if tuple(images.shape[-3:-1]) == (height, width) and not (fit == "cover" and crop < 1):
        return images
    if fit == "stretch":
        resized = _resize(images, [height, width], interpolation)
    elif fit == "cover":
        wanted = round(height / crop), round(width / crop)
        resized = _resize(images, _scaled(images, *wanted, tf.maximum), interpolation)
    else:
        resized = _resize(images, _scaled(images, height, width, tf.minimum, limit=1.0), interpolation)
    centred = tf.image.resize_with_crop_or_pad(resized, height, width)
    return tf.ensure_shape(centred, (*images.shape[:-3], height, width, images.shape[-1]))


def _scaled(
    images: tf.Tensor, height: int, width: int, choose: Callable[..., tf.Tensor], limit: float = np.inf
) -> tf.Tensor:
    """The size after scaling both sides by one factor, at most `limit`."""
    size = tf.shape(images)[-3:-1]
    target = tf.constant([height, width])
    ratios = tf.cast(target, tf.float64) / tf.cast(size, tf.float64)
    scale = tf.minimum(choose(ratios[0], ratios[1]), limit)
    scaled = tf.cast(tf.round(tf.cast(size, tf.float64) * scale), tf.int32)
    # Rounding must not take a pixel from the side that decides.
    return tf.maximum(scaled, target if choose is tf.maximum else 1)


def _resize(images: tf.Tensor, size: Any, interpolation: Interpolation) -> tf.Tensor:
    """With antialiasing, rounded back to uint8."""
    resized = tf.image.resize(images, size, method=interpolation, antialias=True)
    return tf.cast(tf.clip_by_value(tf.round(resized), 0, 255), tf.uint8)
