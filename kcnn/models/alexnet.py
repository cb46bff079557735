"""AlexNet: Krizhevsky, Sutskever, Hinton 2012, figure 2; and torchvision's, which is the one tower of 2014.

The paper's two GPUs, which meet in the third convolution and the dense layers alone, are groups of two here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
from keras import layers

from kcnn.layers import LocalResponseNormalization
from kcnn.layers.block import conv
from kcnn.models.parts import dense_classifier, tap


@dataclass(frozen=True)
class AlexNet:
    """Filters of the five convolutions, groups where the paper's towers do not meet, padding of the first."""

    filters: tuple[int, ...]
    groups: int
    lrn: bool
    padding: int
    adaptive: int | None


FORMS = {
    None: AlexNet((96, 256, 384, 384, 256), groups=2, lrn=True, padding=0, adaptive=None),
    "torchvision": AlexNet((64, 192, 384, 256, 256), groups=1, lrn=False, padding=2, adaptive=6),
}


def alexnet(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    like: str | None = None,
    dropout: float = 0.5,
    small_stem: bool = False,
) -> keras.Model:
    """The network as published, for 227x227: the paper's 224 does not give its 55x55 maps.

    With a small stem the first convolution is 3x3 and keeps the size. Weights start as He et al. 2015 have them: the
    paper's (deviation 0.01, some biases 1) take long to get going.
    """
    net = FORMS[like]
    f1, f2, f3, f4, f5 = net.filters
    image = layers.Input(input_shape, name="image")  # (227, 227, 3)
    if small_stem:
        x = conv(image, f1, 3, name="conv1")
    else:
        x = layers.ZeroPadding2D(net.padding, name="conv1_pad")(image) if net.padding else image
        x = conv(x, f1, 11, 4, padding="valid", name="conv1")  # (55, 55, 96)
    if net.lrn:
        x = LocalResponseNormalization(name="conv1_lrn")(x)
    x = tap(layers.MaxPooling2D(3, 2, name="conv1_pool")(x), "stem")  # (27, 27, 96): windows overlap
    x = conv(x, f2, 5, groups=net.groups, name="conv2")  # (27, 27, 256)
    if net.lrn:
        x = LocalResponseNormalization(name="conv2_lrn")(x)
    x = tap(layers.MaxPooling2D(3, 2, name="conv2_pool")(x), "stage1")  # (13, 13, 256)
    x = conv(x, f3, 3, name="conv3")  # (13, 13, 384)
    x = conv(x, f4, 3, groups=net.groups, name="conv4")  # (13, 13, 384)
    x = conv(x, f5, 3, groups=net.groups, name="conv5")  # (13, 13, 256)
    x = tap(layers.MaxPooling2D(3, 2, name="conv5_pool")(x), "stage2")  # (6, 6, 256)
    answer = dense_classifier(x, classes, dropout, adaptive=net.adaptive, dropout_first=like == "torchvision")
    return keras.Model(image, answer, name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"alexnet": alexnet}
