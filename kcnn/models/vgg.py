"""VGG: Simonyan and Zisserman 2015, table 1. Small filters, many layers.

The columns are the paper's: A, A-LRN, B, C, D, E are 11, 11 with LRN, 13, 16 with 1x1 filters, 16 and 19 layers with
weights. The forms with batch normalisation are torchvision's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
from keras import layers

from kcnn.layers import LocalResponseNormalization
from kcnn.layers.block import conv
from kcnn.models.parts import dense_classifier, norm_choice, tap

FILTERS = (64, 128, 256, 512, 512)


@dataclass(frozen=True)
class VGG:
    """One column: the kernel sizes of the convolutions of each of the five stages."""

    kernels: tuple[str, ...]
    norm: str | None = None
    lrn: bool = False  # local response normalisation after the first convolution


A, B, D, E = ("3 3 33 33 33", "33 33 33 33 33", "33 33 333 333 333", "33 33 3333 3333 3333")
C = "33 33 331 331 331"

VARIANTS = {
    "vgg11": VGG(tuple(A.split())),
    "vgg11_lrn": VGG(tuple(A.split()), lrn=True),
    "vgg13": VGG(tuple(B.split())),
    "vgg16_c": VGG(tuple(C.split())),
    "vgg16": VGG(tuple(D.split())),
    "vgg19": VGG(tuple(E.split())),
    "vgg11_bn": VGG(tuple(A.split()), norm="batch"),
    "vgg13_bn": VGG(tuple(B.split()), norm="batch"),
    "vgg16_bn": VGG(tuple(D.split()), norm="batch"),
    "vgg19_bn": VGG(tuple(E.split()), norm="batch"),
}


def vgg(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    like: str | None = None,
    norm: str | None = None,
    dropout: float | None = None,
) -> keras.Model:
    """The network of the row `name` of VARIANTS.

    In torchvision's form the maps are brought to 7x7 before `fc1`, in Keras's there is no dropout.
    """
    column = VARIANTS[name]
    choice = norm_choice(norm or column.norm)
    image = layers.Input(input_shape, name="image")  # (224, 224, 3)
    x = image
    for stage, (filters, kernels) in enumerate(zip(FILTERS, column.kernels, strict=True), 1):
        for index, kernel in enumerate(kernels, 1):
            use_bias = True  # under normalisation, too, as in torchvision
            x = conv(x, filters, int(kernel), norm=choice, use_bias=use_bias, name=f"stage{stage}_block{index}")
            if stage == index == 1:
                if column.lrn:
                    x = LocalResponseNormalization(name="stem_lrn")(x)
                x = tap(x, "stem")  # (224, 224, 64)
        x = tap(layers.MaxPooling2D(2, name=f"stage{stage}_pool")(x), f"stage{stage}")  # (112, 112) to (7, 7)
    if dropout is None:
        dropout = 0.0 if like == "keras" else 0.5
    adaptive = 7 if like == "torchvision" else None
    return keras.Model(image, dense_classifier(x, classes, dropout, adaptive=adaptive), name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = dict.fromkeys(VARIANTS, vgg)
