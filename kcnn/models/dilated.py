"""Dilated networks: Yu and Koltun 2016, section 4 (front end) and table 1 (context module).

VGG-16 without its last two poolings, whose later filters are spread out instead, so that they see as much as before;
and a stack of 3x3 filters, ever more spread out, that sees most of the image without making it smaller.
"""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import layers

from kcnn.layers import IdentityKernel
from kcnn.layers.block import act, conv
from kcnn.models.parts import convolutional_head, norm_choice, tap

STAGES = ((1, 2, 1), (2, 2, 1), (4, 3, 1), (8, 3, 1), (8, 3, 2))
"""Widths in units of `base`, convolutions, dilation; a pooling follows each of the first three."""

DILATIONS = (1, 1, 2, 4, 8, 16, 1)
CONTEXTS = {"basic": (1, 1, 1, 1, 1, 1, 1, 1), "large": (2, 2, 4, 8, 16, 32, 32, 1)}
"""Maps after each layer of the context module, in units of the classes."""


def dilated_frontend(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    base: int = 64,
    head: int = 4096,
    padding: str = "valid",
    norm: str | None = None,
    dropout: float = 0.5,
) -> keras.Model:
    """Images (N, h, w, c) to logits (N, h', w', classes), those of the middle of the image.

    The paper's convolutions are not padded: h' = h - 372, and h is 8 k + 4; the image itself is padded before, by its
    own reflection. With `padding="same"` h' is h, a multiple of 8. `base` is the number of maps of the first stage,
    `head` that of `fc6` and `fc7`. The scores are enlarged 8 times by bilinear interpolation.
    Taps: `stem`, `stage1` to `stage5`; `features`, the maps before the classifier; `logits`.
    """
    image, x = _front_end(input_shape, classes, base, head, padding, norm, dropout)
    return keras.Model(image, _pixels(x), name=name)


def dilated_context(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    base: int = 64,
    head: int = 4096,
    padding: str = "valid",
    norm: str | None = None,
    dropout: float = 0.5,
    context: str = "basic",
) -> keras.Model:
    """The front end, and on its scores the context module, basic or large; sizes and taps as in `dilated_frontend`.

    The module begins as the identity, but for negative scores, which its ReLUs end. So that there are none at first,
    and both learn together from the first step on, the scores begin near 1. (The paper puts the module on a front end
    that has been trained.) Without padding the module would take 33 places from each side: as in the paper, so many
    zeros are put around the scores before it.
    """
    image, x = _front_end(input_shape, classes, base, head, padding, norm, dropout)
    return keras.Model(image, _pixels(context_module(x, context, padding)), name=name)


def _front_end(
    input_shape: Sequence[int], classes: int, base: int, head: int, padding: str, norm: str | None, dropout: float
) -> tuple[Any, Any]:
    """The image and the scores of each place, near 1 at first; layers are called as VGG-16's."""
    choice = norm_choice(norm)
    image = layers.Input(input_shape, name="image")  # (900, 900, 3)
    x = image
    for stage, (width, depth, dilation) in enumerate(STAGES, 1):
        for index in range(1, depth + 1):
            block = f"stage{stage}_block{index}"
            x = conv(x, base * width, 3, dilation=dilation, padding=padding, norm=choice, name=block)
            if stage == index == 1:
                x = tap(x, "stem")  # (898, 898, 64)
        if stage <= 3:
            x = layers.MaxPooling2D(2, name=f"stage{stage}_pool")(x)
        x = tap(x, f"stage{stage}")  # (448, 448), (222, 222), (108, 108), (102, 102), (90, 90)
    x = convolutional_head(x, head, dropout, dilation=4, padding=padding)  # (66, 66, 4096)
    small = keras.initializers.RandomNormal(stddev=0.01)
    score = layers.Conv2D(classes, 1, kernel_initializer=small, bias_initializer="ones", name="score")
    return image, score(tap(x, "features"))  # (66, 66, classes)


def context_module(x: Any, context: str, padding: str) -> Any:
    """Seven 3x3 convolutions and a 1x1, as many scores as before: (N, h, w, classes), the size of the input."""
    classes = x.shape[-1]
    noise = 0.01 if context == "large" else 0.0
    if padding == "valid":
        x = layers.ZeroPadding2D(sum(DILATIONS), name="context_pad")(x)  # (132, 132, classes)
    for index, (width, dilation) in enumerate(zip(CONTEXTS[context], (*DILATIONS, 1), strict=True), 1):
        last = index == len(CONTEXTS[context])
        name = f"context{index}"
        x = layers.Conv2D(
            width * classes,
            1 if last else 3,
            padding=padding,
            dilation_rate=dilation,
            kernel_initializer=IdentityKernel(classes, noise),
            name=f"{name}_conv",
        )(x)
        x = act(x, None if last else "relu", name)
    return x


def _pixels(x: Any) -> Any:
    """Scores of pixels from those of places, 8 pixels each way apart."""
    return layers.UpSampling2D(8, interpolation="bilinear", dtype="float32", name="logits")(x)


BUILDERS: dict[str, Callable[..., keras.Model]] = {
    "dilated_frontend": dilated_frontend,
    "dilated_context": dilated_context,
}
