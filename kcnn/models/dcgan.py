"""DCGAN: Radford, Metz, Chintala 2016, section 3 and figure 1; conditional as in Mirza and Osindero 2014.

The generator makes an image of a code, the discriminator tells it from a real one. Both are told the class: beside the
code as a vector, beside the image as maps that are 1 for the class and 0 for the others.
As in the authors' program no layer has a bias but the normalisation's.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import layers

from kcnn.layers import GaussianCodes, OneHot
from kcnn.layers.block import BATCH, act, normalised
from kcnn.models.parts import enlarged, halvings

SLOPE = 0.2
"""Of the leaky ReLU."""


def dcgan(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    latent: int = 100,
    base: int = 128,
    kernel: int = 5,
    upsampling: str = "transposed",
) -> keras.Model:
    """Images (N, h, w, c) of -1..1 and labels (N,), by the names `image` and `label`; h and w 8 times a power of 2.

    Answers `image` (N, h, w, c), what the generator makes of codes that are drawn at each call, also outside training,
    and the discriminator's logits (N,) of being real, `real` for the images given and `fake` for those made. All are
    float32. The discriminator sees both kinds apart, so that batch normalisation does not mix them.

    `latent` is how many numbers a code has, `base` the maps beside the image, doubled from stage to stage; `upsampling`
    is "transposed" or "resize". The paper's `kernel` of 5 is not divisible by the stride of 2; 4 is.
    The two networks are layers `generator` and `discriminator` of the model.
    """
    image = layers.Input(input_shape, name="image")  # (64, 64, 3)
    label = layers.Input((), dtype="int32", name="label")
    make = generator(input_shape, classes, latent, base, kernel, upsampling)
    judge = discriminator(input_shape, classes, base, kernel)
    made = make({"code": GaussianCodes(latent, name="codes")(label), "label": label})
    answers = {
        "image": made,
        "real": judge({"image": image, "label": label}),
        "fake": judge({"image": made, "label": label}),
    }
    return keras.Model({"image": image, "label": label}, answers, name=name)


def generator(
    input_shape: Sequence[int], classes: int, latent: int, base: int, kernel: int, upsampling: str
) -> keras.Model:
    """Codes (N, latent) and labels (N,), by the names `code` and `label`, to images (N, h, w, c) of -1..1."""
    height, width, channels = input_shape
    stages = halvings(input_shape)
    filters = base * 2 ** (stages - 1)
    code = layers.Input((latent,), name="code")  # 100
    label = layers.Input((), dtype="int32", name="label")
    x = layers.Concatenate(name="condition")([code, OneHot(classes, name="class")(label)])  # 100 + classes
    places = (height >> stages, width >> stages, filters)
    x = layers.Dense(places[0] * places[1] * filters, use_bias=False, kernel_initializer=_normal(), name="project")(x)
    x = layers.Reshape(places, name="project_maps")(x)  # (4, 4, 1024)
    x = act(normalised(x, BATCH, "project"), "relu", "project")
    for stage in range(stages - 1, 0, -1):
        up = f"up{stage}"
        filters //= 2
        x = enlarged(x, filters, kernel, upsampling, name=f"{up}_conv", initializer=_normal(), use_bias=False)
        x = act(normalised(x, BATCH, up), "relu", up)  # (8, 8, 512), (16, 16, 256), (32, 32, 128)
    x = enlarged(x, channels, kernel, upsampling, name="pixels_conv", initializer=_normal(), use_bias=False)
    x = layers.Activation("tanh", dtype="float32", name="pixels_tanh")(x)  # (64, 64, 3)
    return keras.Model({"code": code, "label": label}, x, name="generator")


def discriminator(input_shape: Sequence[int], classes: int, base: int, kernel: int) -> keras.Model:
    """Images (N, h, w, c) and labels (N,), by the names `image` and `label`, to logits (N,) of being real."""
    height, width, _ = input_shape
    image = layers.Input(input_shape, name="image")  # (64, 64, 3)
    label = layers.Input((), dtype="int32", name="label")
    vector = layers.Reshape((1, 1, classes), name="class_place")(OneHot(classes, name="class")(label))
    maps = layers.UpSampling2D((height, width), name="class_maps")(vector)  # (64, 64, classes)
    x = layers.Concatenate(name="condition")([image, maps])
    for stage in range(1, halvings(input_shape) + 1):
        norm = None if stage == 1 else BATCH
        x = layers.Conv2D(
            base * 2 ** (stage - 1),
            kernel,
            strides=2,
            padding="same",
            use_bias=False,
            kernel_initializer=_normal(),
            name=f"stage{stage}_block1_conv",
        )(x)  # (32, 32, 128), (16, 16, 256), (8, 8, 512), (4, 4, 1024)
        x = normalised(x, norm, f"stage{stage}_block1")
        x = layers.LeakyReLU(SLOPE, name=f"stage{stage}_block1_leaky_relu")(x)
    x = layers.Flatten(name="flatten")(x)  # 16384
    x = layers.Dense(1, use_bias=False, kernel_initializer=_normal(), dtype="float32", name="logit")(x)
    logits = layers.Reshape((), dtype="float32", name="logits")(x)
    return keras.Model({"image": image, "label": label}, logits, name="discriminator")


def _normal() -> Any:
    """The paper's weights (section 3)."""
    return keras.initializers.RandomNormal(stddev=0.02)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"dcgan": dcgan}
