"""Autoencoders: an image through a few numbers and back.

Hinton and Salakhutdinov 2006 for the code in the middle, Kingma and Welling 2014 for one that is drawn. Their layers
are dense; these are convolutions, after Radford, Metz, Chintala 2016: each stage halves the maps and doubles their
number, down to 4 places, and transposed convolutions undo it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import layers

from kcnn.layers import GaussianSample
from kcnn.layers.block import act, conv, he_normal
from kcnn.models.parts import enlarged, halvings, tap

KERNELS = {"transposed": 4, "resize": 3}
"""Divisible by the stride of 2, and with a middle."""


def autoencoder(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    latent: int = 32,
    base: int = 32,
    upsampling: str = "transposed",
) -> keras.Model:
    """Images (N, h, w, c) of 0..1 to logits (N, h, w, c) of their pixels; h and w are 8 times a power of 2.

    `latent` is how many numbers the code has, `base` how many maps the first stage; `upsampling` is "transposed" or
    "resize". There are no classes.
    Taps: `stage1`..., `features`, the last maps of the encoder, `code` (N, latent), `logits`.
    """
    image, maps = _encoded(input_shape, base)
    code = layers.Dense(latent, name="code")(layers.Flatten(name="flatten")(maps))  # 32
    return keras.Model(image, _decoded(code, maps, input_shape, upsampling), name=name)


def vae(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    latent: int = 32,
    base: int = 32,
    upsampling: str = "transposed",
) -> keras.Model:
    """As `autoencoder`, with a code that is drawn from the normal distribution that the encoder answers.

    Answers `logits` (N, h, w, c), `mean` (N, latent) and `log_variance` (N, latent), all float32. The code is drawn
    outside training, too: the bound on the evidence is an expectation over it.
    """
    image, maps = _encoded(input_shape, base)
    x = layers.Flatten(name="flatten")(maps)
    mean = layers.Dense(latent, dtype="float32", name="mean")(x)  # 32
    log_variance = layers.Dense(latent, dtype="float32", name="logvar")(x)  # 32
    code = GaussianSample(dtype="float32", name="code")([mean, log_variance])
    logits = _decoded(code, maps, input_shape, upsampling)
    return keras.Model(image, {"logits": logits, "mean": mean, "log_variance": log_variance}, name=name)


def _encoded(input_shape: Sequence[int], base: int) -> tuple[Any, Any]:
    """The image, and the last maps of the encoder."""
    image = layers.Input(input_shape, name="image")  # (32, 32, 1)
    x = image
    for stage in range(1, halvings(input_shape) + 1):
        x = conv(x, base * 2 ** (stage - 1), 4, 2, padding="same", name=f"stage{stage}_block1")
        x = tap(x, f"stage{stage}")  # (16, 16, 32), (8, 8, 64), (4, 4, 128)
    return image, tap(x, "features")


def _decoded(code: Any, maps: Any, input_shape: Sequence[int], upsampling: str) -> Any:
    """The logits of the pixels, from the code of those maps."""
    _, height, width, filters = maps.shape
    x = layers.Dense(height * width * filters, activation="relu", kernel_initializer=he_normal(), name="project")(code)
    x = layers.Reshape((height, width, filters), name="project_maps")(x)  # (4, 4, 128)
    kernel = KERNELS[upsampling]
    for stage in range(halvings(input_shape) - 1, 0, -1):
        filters //= 2
        x = enlarged(x, filters, kernel, upsampling, name=f"up{stage}_conv")  # (8, 8, 64), (16, 16, 32)
        x = act(x, "relu", f"up{stage}")
    return enlarged(x, input_shape[-1], kernel, upsampling, dtype="float32", name="logits")  # (32, 32, 1)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"autoencoder": autoencoder, "vae": vae}
