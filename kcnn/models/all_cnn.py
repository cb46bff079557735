"""All-CNN and what it was measured against: Springenberg, Dosovitskiy, Brox, Riedmiller 2015, tables 1 and 2.

Three base networks (A, B, C) pool after each of two stages. Strided-CNN halves in the convolution before the pooling
instead, All-CNN in a convolution of its own, and ConvPool-CNN has that convolution without halving, and pools.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
from keras import layers

from kcnn.layers.block import conv, max_pool
from kcnn.models.parts import class_maps, norm_choice, tap

FILTERS = (96, 192)
BASES = {"a": (5,), "b": (5, 1), "c": (3, 3)}  # kernel sizes of each stage


@dataclass(frozen=True)
class AllCNN:
    """One network: kernel sizes of a stage's convolutions, and what halves the maps: a pooling or the last of them."""

    kernels: tuple[int, ...]
    pools: bool


VARIANTS = {}
for letter, base in BASES.items():
    VARIANTS[f"base_cnn_{letter}"] = AllCNN(base, pools=True)
    VARIANTS[f"strided_cnn_{letter}"] = AllCNN(base, pools=False)
    VARIANTS[f"convpool_cnn_{letter}"] = AllCNN((*base, 3), pools=True)
    VARIANTS[f"all_cnn_{letter}"] = AllCNN((*base, 3), pools=False)


def all_cnn(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    norm: str | None = None,
    dropout: float = 0.5,
) -> keras.Model:
    """The network of the row `name` of VARIANTS: no dense layer, `pooled` are the class maps' means already.

    `dropout` follows each stage; where it is not 0, 20 % of the pixels are dropped, too (section 3.2).
    """
    net = VARIANTS[name]
    choice = norm_choice(norm)
    image = layers.Input(input_shape, name="image")  # (32, 32, 3)
    x = layers.Dropout(0.2, name="image_dropout")(image) if dropout else image
    for stage, filters in enumerate(FILTERS, 1):  # (16, 16, 96), (8, 8, 192)
        for index, kernel in enumerate(net.kernels, 1):
            strides = 2 if index == len(net.kernels) and not net.pools else 1
            x = conv(x, filters, kernel, strides, norm=choice, name=f"stage{stage}_block{index}")
            x = tap(x, "stem") if stage == index == 1 else x
        x = max_pool(x, 3, 2, padding=1, name=f"stage{stage}_pool") if net.pools else x
        x = tap(x, f"stage{stage}")
        x = layers.Dropout(dropout, name=f"stage{stage}_dropout")(x) if dropout else x
    x = conv(x, 192, 3, padding="valid", norm=choice, name="stage3_block1")  # (6, 6, 192)
    x = conv(x, 192, 1, norm=choice, name="stage3_block2")
    x = tap(tap(x, "stage3"), "features")
    return keras.Model(image, class_maps(x, classes, name="classes"), name=name)  # from maps (6, 6, 10)


BUILDERS: dict[str, Callable[..., keras.Model]] = dict.fromkeys(VARIANTS, all_cnn)
