"""DenseNet: Huang, Liu, van der Maaten, Weinberger 2017, table 1, and its networks for CIFAR, section 3."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
from keras import layers

from kcnn.layers import DenseBlock, Transition
from kcnn.layers.block import act, conv, he_normal, max_pool, normalised
from kcnn.models.parts import mean_classifier, norm_choice, tap


@dataclass(frozen=True)
class DenseNet:
    """Layers of each dense block, and the paper's k (growth); the others are those of DenseNet-BC.

    A bottleneck has `bottleneck` k maps, a transition keeps the share `compression` (theta) of its maps.
    """

    depths: tuple[int, ...]
    growth: int
    bottleneck: int = 4
    compression: float = 0.5
    cifar: bool = False

    @property
    def stem(self) -> int:
        """Maps before the first block: 2k, but 16 in the plain networks for CIFAR."""
        return 2 * self.growth if self.bottleneck else 16


VARIANTS = {
    "densenet121": DenseNet((6, 12, 24, 16), growth=32),
    "densenet161": DenseNet((6, 12, 36, 24), growth=48),
    "densenet169": DenseNet((6, 12, 32, 32), growth=32),
    "densenet201": DenseNet((6, 12, 48, 32), growth=32),
    # L counts a stem, two transitions, a classifier, and the convolutions of three equal blocks.
    "densenet_l40_k12": DenseNet((12, 12, 12), growth=12, bottleneck=0, compression=1.0, cifar=True),
    "densenet_bc100_k12": DenseNet((16, 16, 16), growth=12, cifar=True),
    "densenet_bc190_k40": DenseNet((31, 31, 31), growth=40, cifar=True),
}
FORMS = {None: {}, "torchvision": {}, "keras": {"epsilon": 1.001e-5, "momentum": 0.99}}


def densenet(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    like: str | None = None,
    norm: str = "batch",
    dropout: float = 0.0,
    small_stem: bool = False,
) -> keras.Model:
    """The network of the row `name` of VARIANTS; `dropout` follows every convolution but the first (the paper: 0.2
    where images are not augmented).
    """
    net, choice = VARIANTS[name], norm_choice(norm, **FORMS[like])
    image = layers.Input(input_shape, name="image")  # (224, 224, 3)
    if net.cifar:
        x = conv(image, net.stem, 3, activation=None, use_bias=False, name="stem")  # (32, 32, 24)
    elif small_stem:
        x = conv(image, net.stem, 3, norm=choice, name="stem")
    else:
        x = conv(image, net.stem, 7, 2, norm=choice, name="stem")  # (112, 112, 64)
        x = max_pool(x, 3, 2, padding=1, name="stem_pool")  # (56, 56, 64)
    x = tap(x, "stem")
    for stage, depth in enumerate(net.depths, 1):  # (56, 56, 256), (28, 28, 512), (14, 14, 1024), (7, 7, 1024)
        if stage > 1:
            x = Transition(net.compression, choice, dropout, name=f"transition{stage - 1}").inline(x)
        block = DenseBlock(depth, net.growth, net.bottleneck, choice, dropout, name=f"stage{stage}")
        x = tap(block.inline(x), f"stage{stage}")
    x = act(normalised(x, choice, "last"), "relu", "last")
    return keras.Model(image, mean_classifier(x, classes, initializer=he_normal()), name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = dict.fromkeys(VARIANTS, densenet)
