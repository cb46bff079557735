"""Fully convolutional networks: Long, Shelhamer, Darrell 2015, figure 3. A classifier that says where.

The classifier's last maps are scored place by place, and the scores are enlarged to pixels: 32 times (FCN-32s), or
after those of finer maps have been added to them (FCN-16s, FCN-8s).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
from keras import layers

from kcnn.errors import InputError
from kcnn.layers import Bilinear, TransposedConv2D
from kcnn.models import build_without_weights, variant
from kcnn.models.catalog import BACKBONE
from kcnn.models.fields import receptive_fields
from kcnn.models.parts import convolutional_head

VARIANTS = {"fcn32s": (32,), "fcn16s": (32, 16), "fcn8s": (32, 16, 8)}
"""The strides of the maps that are scored."""


def fcn(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    backbone: str = BACKBONE,
    backbone_options: Mapping[str, Any] | None = None,
    head: int | None = None,
    dropout: float = 0.5,
    fixed_last: bool = False,
) -> keras.Model:
    """Images (N, h, w, c) to logits (N, h, w, classes); h and w are multiples of 32.

    `backbone` is any classifier with maps at the strides that are scored, `backbone_options` are its builder's. The
    paper's is VGG-16, whose dense layers become convolutions, 7x7 and 1x1 with 4096 filters each; other networks are
    scored at their last maps, unless `head` gives a number of filters.
    The last enlargement is learned; in the paper's section 4.3 it is fixed (`fixed_last`), and the others are learned.
    The paper pads the image by 100 and cuts the answer to it; here every convolution is padded instead.
    Taps: the backbone's up to `features`; `logits`.
    Raises InputError for a backbone without maps at the strides that are scored.
    """
    strides = VARIANTS[name]
    image, maps = _maps(name, backbone, input_shape, backbone_options or {})
    x = maps[32]  # (16, 16, 512)
    if filters := head or (4096 if variant(backbone).family == "vgg" else 0):
        x = convolutional_head(x, filters, dropout)  # (16, 16, 4096)
    scores = _scored(x, classes, 32)  # (16, 16, classes)
    for stride in strides[1:]:  # (32, 32, classes), (64, 64, classes)
        finer = _scored(maps[stride], classes, stride)
        scores = layers.Add(name=f"score{stride}_add")([_enlarged(scores, 2, name=f"score{stride}_coarse"), finer])
    last = {"trainable": not fixed_last, "dtype": "float32"}
    return keras.Model(image, _enlarged(scores, strides[-1], name="logits", **last), name=name)


def _maps(
    name: str, backbone: str, input_shape: Sequence[int], options: Mapping[str, Any]
) -> tuple[Any, dict[Any, Any]]:
    """The image and, by their stride, the last of the backbone's maps that have it."""
    graph = build_without_weights(backbone, input_shape, **{**options, "features_only": True})
    body = keras.models.clone_model(graph)  # with weights; those of the classifier, gigabytes for VGG, are never made
    fields = receptive_fields(body)
    strides = {tap: fields[tap].stride for tap in body.output}
    maps = {
        strides[tap]: x
        for tap, x in body.output.items()
        if x.shape[1:-1] == tuple(side // strides[tap] for side in input_shape[:2])
    }
    for stride in VARIANTS[name]:
        if stride not in maps:
            raise InputError(
                f"backbone of {name} must have maps of 1/{stride} of the image's size, {backbone} has none"
            )
    return body.input, maps


def _scored(x: Any, classes: int, stride: int) -> Any:
    """A score for each class at each place, 0 at first: so finer maps change nothing until they are trained."""
    return layers.Conv2D(classes, 1, kernel_initializer="zeros", name=f"score{stride}")(x)


def _enlarged(x: Any, factor: int, *, name: str, **options: Any) -> Any:
    """The scores at `factor` times as many places each way, at first by bilinear interpolation."""
    return TransposedConv2D(
        x.shape[-1],
        2 * factor,
        strides=factor,
        padding="same",
        use_bias=False,
        kernel_initializer=Bilinear(),
        name=name,
        **options,
    )(x)


BUILDERS: dict[str, Callable[..., keras.Model]] = dict.fromkeys(VARIANTS, fcn)
