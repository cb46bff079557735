"""ShuffleNetV2: Ma, Zhang, Zheng, Sun 2018, table 5."""

from collections.abc import Callable, Sequence

import keras
from keras import layers

from kcnn.layers import ShuffleUnit
from kcnn.layers.block import conv, max_pool
from kcnn.models.parts import mean_classifier, norm_choice, tap

UNITS = (4, 8, 4)  # of the stages 2, 3 and 4

# Maps of the three stages and of the last convolution.
VARIANTS = {
    "shufflenet_v2_x0_5": (48, 96, 192, 1024),
    "shufflenet_v2_x1_0": (116, 232, 464, 1024),
    "shufflenet_v2_x1_5": (176, 352, 704, 1024),
    "shufflenet_v2_x2_0": (244, 488, 976, 2048),
}


def shufflenet_v2(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    like: str | None = None,
    norm: str = "batch",
    dropout: float = 0.0,
    small_stem: bool = False,
) -> keras.Model:
    """The network of the row `name` of VARIANTS; a small stem keeps the size and does not pool."""
    *maps, last = VARIANTS[name]
    choice = norm_choice(norm)
    image = layers.Input(input_shape, name="image")  # (224, 224, 3)
    x = conv(image, 24, 3, 1 if small_stem else 2, norm=choice, name="stem")  # (112, 112, 24)
    if not small_stem:
        x = max_pool(x, 3, 2, padding=1, name="stem_pool")  # (56, 56, 24)
    x = tap(x, "stem")
    for stage, (filters, units) in enumerate(zip(maps, UNITS, strict=True), 1):  # (28, 28), (14, 14), (7, 7)
        for index in range(units):
            strides = 2 if index == 0 else 1
            x = ShuffleUnit(filters, strides, choice, name=f"stage{stage}_unit{index + 1}").inline(x)
        x = tap(x, f"stage{stage}")
    x = conv(x, last, 1, norm=choice, name="last")  # (7, 7, 1024)
    return keras.Model(image, mean_classifier(x, classes, dropout), name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = dict.fromkeys(VARIANTS, shufflenet_v2)
