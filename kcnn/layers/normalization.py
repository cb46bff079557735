"""One choice of normalisation for every family: over the batch, the layer, the instance or groups of maps."""

from typing import Literal, get_args

import keras
from keras import layers

from kcnn.errors import unknown

Kind = Literal["batch", "layer", "instance", "group"]
KINDS: tuple[str, ...] = get_args(Kind)


def normalization(
    kind: str = "batch",
    *,
    channels: int,
    momentum: float = 0.9,
    epsilon: float = 1e-5,
    groups: int = 32,
    name: str | None = None,
) -> keras.layers.Layer:
    """The layer that normalises (N, H, W, channels), then scales and shifts every map by two trained numbers.

    Mean and variance are taken, for each map, over the batch ("batch"; `momentum` is that of the statistics that
    replace them after training), or for each image, over all maps ("layer"), one map ("instance") or a group of
    maps ("group"). There are at most `groups` groups, as many as divide the maps and leave two in each.
    The constants are those of the papers' time, not Keras's.

    Raises InputError for another kind.
    Sources: Ioffe and Szegedy 2015; Ba, Kiros, Hinton 2016; Ulyanov, Vedaldi, Lempitsky 2016; Wu and He 2018,
    whose figure 2 shows the four.
    """
    match kind:
        case "batch":
            return layers.BatchNormalization(momentum=momentum, epsilon=epsilon, name=name)
        case "layer":
            return layers.GroupNormalization(1, epsilon=epsilon, name=name)
        case "instance":
            return layers.GroupNormalization(-1, epsilon=epsilon, name=name)
        case "group":
            most = max(count for count in range(1, groups + 1) if _fits(count, channels))
            return layers.GroupNormalization(most, epsilon=epsilon, name=name)
    raise unknown("normalisation", kind, KINDS)


def _fits(groups: int, channels: int) -> bool:
    return groups == 1 or (channels % groups == 0 and channels // groups >= 2)
