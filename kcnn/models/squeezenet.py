"""SqueezeNet: Iandola et al. 2016, table 1; 1.1 is the authors' later form with 2.4 times fewer multiply-adds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
from keras import layers

from kcnn.layers import Fire
from kcnn.layers.block import conv, max_pool
from kcnn.models.parts import class_maps, norm_choice, tap

# Filters that squeeze, filters of each size that expand: fire2 to fire9.
FIRES = ((16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256))


@dataclass(frozen=True)
class SqueezeNet:
    """The first convolution, and how many fire modules stand between two poolings."""

    filters: int
    kernel: int
    stages: tuple[int, ...]


VARIANTS = {
    "squeezenet1_0": SqueezeNet(96, 7, (3, 4, 1)),
    "squeezenet1_1": SqueezeNet(64, 3, (2, 2, 4)),
}


def squeezenet(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    like: str | None = None,
    norm: str | None = None,
    dropout: float = 0.5,
    small_stem: bool = False,
) -> keras.Model:
    """The network of the row `name` of VARIANTS. It has no dense layer: `pooled` are the class maps' means already.

    The paper's table 1 says 224 pixels; the maps of 111, 55, 27 and 13 that it gives for 1.0 come from 227.
    The small stem is a 3x3 convolution that keeps the size, without pooling.
    """
    net, choice = VARIANTS[name], norm_choice(norm)
    image = layers.Input(input_shape, name="image")  # (224, 224, 3)
    if small_stem:
        x = conv(image, net.filters, 3, norm=choice, name="conv1")
    else:
        x = conv(image, net.filters, net.kernel, 2, norm=choice, padding="valid", name="conv1")  # (109, 109, 96)
        x = max_pool(x, 3, 2, ceil=True, name="conv1_pool")  # (54, 54, 96)
    x = tap(x, "stem")
    fires = iter(enumerate(FIRES, 2))
    for stage, count in enumerate(net.stages, 1):  # (54, 54, 256), (27, 27, 512), (13, 13, 512)
        if stage > 1:
            x = max_pool(x, 3, 2, ceil=True, name=f"stage{stage}_pool")
        for _ in range(count):
            index, (squeeze, expand) = next(fires)
            x = Fire(squeeze, expand, expand, choice, name=f"fire{index}").inline(x)
        x = tap(x, f"stage{stage}")
    x = tap(x, "features")
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    return keras.Model(image, class_maps(x, classes, name="conv10"), name=name)  # from maps (13, 13, classes)


BUILDERS: dict[str, Callable[..., keras.Model]] = dict.fromkeys(VARIANTS, squeezenet)
