"""What the families share beyond the blocks of kcnn.layers: taps, classifiers, choices of normalisation, widths."""

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from kcnn.layers import TemporalPooling, TransposedConv2D
from kcnn.layers.block import Norm, act, conv, he_normal


def tap(x: Any, name: str) -> Any:
    """The same tensor under a layer name at which the model can be looked at or cut."""
    return layers.Identity(name=name)(x)


def logits(x: Any, classes: int, initializer: Any = "glorot_uniform", constraint: Any = None) -> Any:
    """The classifier (N, ..., features) to (N, ..., classes): float32 under any precision, no softmax."""
    return layers.Dense(
        classes, kernel_initializer=initializer, kernel_constraint=constraint, dtype="float32", name="logits"
    )(x)


def rescaled(energies: Any, *, name: str) -> Any:
    """Log-mel energies, -11.5 from the floor and about 0 at full scale, as about -1 to 2.

    As they are, statistics of few batches would not know them, and gates that see them would be shut or open for good.
    """
    return layers.Rescaling(0.25, 2.0, name=name)(energies)


def sequence_classifier(x: Any, classes: int, answer: str, initializer: Any = "glorot_uniform") -> Any:
    """The taps `features` (N, T, C) and, for the last step alone, `pooled` (N, C); then the classifier.

    It answers (N, T, classes) for "every" step, (N, classes) for the "last".
    """
    x = tap(x, "features")
    if answer == "last":
        x = TemporalPooling("last", name="pooled")(x)
    return logits(x, classes, initializer)


def mean_classifier(x: Any, classes: int, dropout: float = 0.0, initializer: Any = "glorot_uniform") -> Any:
    """The taps `features` (N, ..., C) of images or clips, `pooled` (N, C), dropout, and the classifier (N, classes)."""
    mean = layers.GlobalAveragePooling3D if len(x.shape) == 5 else layers.GlobalAveragePooling2D
    x = mean(name="pooled")(tap(x, "features"))
    if dropout:
        x = layers.Dropout(dropout, name="dropout")(x)
    return logits(x, classes, initializer)


def class_maps(x: Any, classes: int, *, name: str) -> Any:
    """The classifier of a network without dense layers: a map a class, ReLU, `pooled`, `logits` (N, classes).

    It starts with small weights and biases of 1: a class whose map is negative everywhere would have no gradient, and
    at usual learning rates all ten soon have none.
    """
    small = keras.initializers.RandomNormal(stddev=0.01)
    x = layers.Conv2D(classes, 1, kernel_initializer=small, bias_initializer="ones", name=f"{name}_conv")(x)
    x = layers.GlobalAveragePooling2D(name="pooled")(act(x, "relu", name))
    return layers.Identity(dtype="float32", name="logits")(x)


def dense_classifier(
    x: Any,
    classes: int,
    dropout: float,
    *,
    adaptive: int | None = None,
    dropout_first: bool = False,
    units: int = 4096,
) -> Any:
    """The taps `features` and `pooled`, and the three dense layers of AlexNet and VGG, two of 4096 units.

    The first sees every number of the maps. With `adaptive` the maps are brought to that size before, as in
    torchvision, so that its weights do not depend on the size of the image. Dropout follows the first two layers, or
    precedes them.
    """
    x = tap(x, "features")
    if adaptive and x.shape[1:3] != (adaptive, adaptive):
        x = layers.AdaptiveAveragePooling2D(adaptive, name="adaptive")(x)
    x = layers.Flatten(name="flatten")(x)
    for name in ("fc1", "fc2"):
        dense = layers.Dense(units, activation="relu", kernel_initializer=he_normal(), name=name)
        drop = layers.Dropout(dropout, name=f"{name}_dropout")
        steps = (drop, dense) if dropout_first else (dense, drop)
        for step in steps if dropout else (dense,):
            x = step(x)
    return logits(tap(x, "pooled"), classes)


def convolutional_head(x: Any, filters: int, dropout: float, *, dilation: int = 1, padding: str = "same") -> Any:
    """VGG's two dense layers as convolutions, `fc6` of 7x7 and `fc7` of 1x1: (N, H, W, C) to (N, H', W', filters)."""
    for name, kernel, gap in (("fc6", 7, dilation), ("fc7", 1, 1)):
        x = conv(x, filters, kernel, dilation=gap, padding=padding, name=name)
        if dropout:
            x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
    return x


def enlarged(
    x: Any,
    filters: int,
    kernel: int,
    upsampling: str = "transposed",
    *,
    name: str,
    initializer: Any = None,
    use_bias: bool = True,
    dtype: Any = None,
) -> Any:
    """A convolution that makes maps twice as large: (N, H, W, C) to (N, 2 H, 2 W, filters).

    "transposed" is a transposed convolution with stride 2. Where that does not divide the kernel, neighbouring places
    are sums of unequally many products, which can be seen as a chequerboard. "resize" repeats every row and column,
    then convolves (Odena, Dumoulin, Olah 2016). The weights begin as He's, unless `initializer` says else.
    """
    if upsampling == "resize":
        x = layers.UpSampling2D(2, name=f"{name}_repeat")(x)
        convolution = layers.Conv2D(
            filters,
            kernel,
            padding="same",
            use_bias=use_bias,
            kernel_initializer=initializer or he_normal(),
            dtype=dtype,
            name=name,
        )
    else:
        convolution = TransposedConv2D(
            filters,
            kernel,
            strides=2,
            padding="same",
            use_bias=use_bias,
            kernel_initializer=initializer or he_transposed(2),
            dtype=dtype,
            name=name,
        )
    return convolution(x)


def he_transposed(strides: int) -> Any:
    """He's weights for a transposed convolution: each output sees 1 / strides^2 of a kernel's taps.

    Keras takes the last axis of a kernel for its outputs; here it is the channels.
    """
    return keras.initializers.VarianceScaling(2.0 * strides**2, "fan_out", "untruncated_normal")


def halvings(input_shape: Sequence[int], smallest: int = 4) -> int:
    """How often the shorter side of (height, width, channels) is halved until it is `smallest`."""
    return (min(input_shape[:2]) // smallest).bit_length() - 1


def norm_choice(norm: str | None, **constants: Any) -> Norm:
    """The normalisation of a family: the kind that was asked for, with the constants of the paper or library."""
    return {"kind": norm, **constants} if norm else None


def divisible(filters: float, divisor: int = 8) -> int:
    """The nearest multiple of `divisor` that is not more than 10 % below (MobileNetV2, EfficientNet)."""
    nearest = max(divisor, int(filters + divisor / 2) // divisor * divisor)
    return nearest + divisor if nearest < 0.9 * filters else nearest
