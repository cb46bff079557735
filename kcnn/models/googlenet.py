"""GoogLeNet: Szegedy et al. 2015, table 1; and torchvision's form, which normalises and has 3x3 for 5x5 filters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from kcnn.layers import Inception, LocalResponseNormalization
from kcnn.layers.block import Norm, conv, max_pool
from kcnn.models.parts import mean_classifier, norm_choice, tap

# 1x1, 3x3 reduce, 3x3, 5x5 reduce, 5x5, pool proj
STAGES = (
    {"3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64)},
    {
        "4a": (192, 96, 208, 16, 48, 64),
        "4b": (160, 112, 224, 24, 64, 64),
        "4c": (128, 128, 256, 24, 64, 64),
        "4d": (112, 144, 288, 32, 64, 64),
        "4e": (256, 160, 320, 32, 128, 128),
    },
    {"5a": (256, 160, 320, 32, 128, 128), "5b": (384, 192, 384, 48, 128, 128)},
)
HEADS = {"4a": "aux1", "4d": "aux2"}  # after which module each auxiliary head looks


@dataclass(frozen=True)
class Form:
    """Normalisation, and the size of the filters that the paper has as 5x5."""

    norm: str | None
    five: int
    dropout: float
    adaptive: bool


FORMS = {
    None: Form(norm=None, five=5, dropout=0.4, adaptive=False),
    "torchvision": Form(norm="batch", five=3, dropout=0.2, adaptive=True),
}


def stem(x: Any, choice: Norm, small: bool) -> Any:
    """What stands before the first module; a small one begins with a 3x3 convolution that keeps the size."""
    x = conv(x, 64, 3 if small else 7, 1 if small else 2, norm=choice, name="conv1")  # (112, 112, 64)
    x = x if small else max_pool(x, 3, 2, ceil=True, name="conv1_pool")  # (56, 56, 64)
    x = x if choice else LocalResponseNormalization(name="conv1_lrn")(x)
    x = conv(x, 64, 1, norm=choice, name="conv2_reduce")
    x = conv(x, 192, 3, norm=choice, name="conv2")  # (56, 56, 192)
    return x if choice else LocalResponseNormalization(name="conv2_lrn")(x)


def inception(x: Any, row: tuple[int, ...], five: int, choice: Norm, *, name: str) -> Any:
    """A row of table 1, whose reductions stand before what they reduce."""
    ones, reduce_threes, threes, reduce_fives, fives, pool = row
    module = Inception(ones, threes, fives, reduce_threes, reduce_fives, pool, five, choice, name=name)
    return module.inline(x)


def head(x: Any, classes: int, form: Form, choice: Norm, dropout: float, *, name: str) -> Any:
    """An auxiliary classifier: (N, 14, 14, C) to (N, classes)."""
    if form.adaptive:
        x = layers.AdaptiveAveragePooling2D(4, name=f"{name}_pool")(x)
    else:
        x = layers.AveragePooling2D([min(5, size) for size in x.shape[1:3]], 3, name=f"{name}_pool")(x)
    x = conv(x, 128, 1, norm=choice, name=name)  # (4, 4, 128)
    x = layers.Dense(1024, activation="relu", name=f"{name}_fc1")(layers.Flatten(name=f"{name}_flatten")(x))
    if dropout:
        x = layers.Dropout(dropout, name=f"{name}_dropout")(x)
    return layers.Dense(classes, dtype="float32", name=f"{name}_logits")(x)


def googlenet(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    like: str | None = None,
    norm: str | None = None,
    dropout: float | None = None,
    small_stem: bool = False,
    aux_heads: bool = False,
) -> keras.Model:
    """The network of table 1; for local response normalisation it gives no constants, so that AlexNet's stand here.

    Dropout is the form's before the classifier, 0.7 in the heads. With `aux_heads` the network answers
    `{"logits", "aux1", "aux2"}`; training counts each auxiliary loss 0.3 times (section 5), and nothing else looks at
    them.
    """
    form = FORMS[like]
    choice = norm_choice(norm or form.norm, epsilon=1e-3)
    last, inside = (form.dropout, 0.7) if dropout is None else (dropout, dropout)
    heads = {}
    image = layers.Input(input_shape, name="image")  # (224, 224, 3)
    x = tap(stem(image, choice, small_stem), "stem")  # (56, 56, 192)
    for stage, modules in enumerate(STAGES, 1):  # (28, 28, 480), (14, 14, 832), (7, 7, 1024)
        size = 2 if like and stage == 3 else 3  # torchvision's last window is 2x2
        x = max_pool(x, size, 2, ceil=True, name=f"stage{stage}_pool")
        for module, row in modules.items():
            x = inception(x, row, form.five, choice, name=f"inception{module}")
            if aux_heads and module in HEADS:
                heads[HEADS[module]] = head(x, classes, form, choice, inside, name=HEADS[module])
        x = tap(x, f"stage{stage}")
    answer = mean_classifier(x, classes, last)
    return keras.Model(image, {"logits": answer, **heads} if heads else answer, name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"googlenet": googlenet}
