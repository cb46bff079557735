"""U-Net: Ronneberger, Fischer, Brox 2015, figure 1. Down to see much, up again to say where."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import layers

from kcnn.layers import TransposedConv2D
from kcnn.layers.block import Norm, conv, he_normal
from kcnn.models.parts import he_transposed, norm_choice, tap

LEVELS = 5


def unet(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    base: int = 64,
    padding: str = "valid",
    norm: str | None = None,
    dropout: float = 0.5,
) -> keras.Model:
    """Images (N, h, w, c) to logits (N, h', w', classes), those of the middle of the image.

    The paper's convolutions are not padded: h' = h - 184, and h is 16 k + 12. With `padding="same"` h' is h, a multiple
    of 16. `base` is the number of maps of the first level; each level has twice as many.
    The paper has dropout "at the end of the contracting path" and names neither rate nor places; the authors' network
    has a rate of 0.5 after the fourth level and the fifth.
    Taps: `stage1` to `stage5`, the levels on the way down; `features`, the maps before the classifier; `logits`.
    """
    choice = norm_choice(norm)
    image = layers.Input(input_shape, name="image")  # (572, 572, 1)
    x, skips = image, []
    for stage in range(1, LEVELS + 1):
        x = twice(x, base * 2 ** (stage - 1), padding, choice, name=f"stage{stage}")
        if dropout and stage > LEVELS - 2:
            x = layers.Dropout(dropout, name=f"stage{stage}_dropout")(x)
        x = tap(x, f"stage{stage}")  # (568, 568, 64), (280, 280, 128) to (28, 28, 1024)
        if stage < LEVELS:
            skips.append(x)
            x = layers.MaxPooling2D(2, name=f"stage{stage}_pool")(x)  # (284, 284, 64) to (32, 32, 512)
    for stage, skip in reversed(list(enumerate(skips, 1))):
        filters = base * 2 ** (stage - 1)
        up = TransposedConv2D(filters, 2, strides=2, kernel_initializer=he_transposed(2), name=f"up{stage}_conv")
        x = beside(skip, up(x), name=f"up{stage}")  # (56, 56, 1024) to (392, 392, 128)
        x = twice(x, filters, padding, choice, name=f"up{stage}")  # (52, 52, 512) to (388, 388, 64)
    x = tap(x, "features")
    score = layers.Conv2D(classes, 1, kernel_initializer=he_normal(), dtype="float32", name="logits")
    return keras.Model(image, score(x), name=name)  # (388, 388, classes)


def twice(x: Any, filters: int, padding: str, norm: Norm, *, name: str) -> Any:
    """Two 3x3 convolutions, each with its ReLU."""
    for index in (1, 2):
        x = conv(x, filters, 3, padding=padding, norm=norm, name=f"{name}_block{index}")
    return x


def beside(skip: Any, x: Any, *, name: str) -> Any:
    """The middle of the maps that come from the way down, and the maps from below."""
    margins = [(before - after) // 2 for before, after in zip(skip.shape[1:3], x.shape[1:3], strict=True)]
    if any(margins):
        skip = layers.Cropping2D(tuple(margins), name=f"{name}_crop")(skip)
    return layers.Concatenate(name=f"{name}_concat")([skip, x])


BUILDERS: dict[str, Callable[..., keras.Model]] = {"unet": unet}
