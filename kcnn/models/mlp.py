"""The fully connected network that convolution is measured against: 784-300-100-10 of LeCun et al. 1998.

The paper's section III-C has it among the rivals of LeNet-5, with 3.05 % test error on MNIST; it is known
today as LeNet-300-100. The paper squashed its units; here they are ReLU, as in such a baseline today.
"""

from collections.abc import Callable, Sequence

import keras
from keras import layers

from kcnn.models.parts import logits, tap


def mlp(
    input_shape: Sequence[int],
    classes: int,
    name: str,
    *,
    hidden: Sequence[int] = (300, 100),
    dropout: float = 0.0,
) -> keras.Model:
    """Every pixel to every unit, layer after layer; `dropout` follows each hidden layer.

    It has no map: `stem` is the row of pixels, and `features` and `pooled` are both the last hidden vector.
    """
    image = layers.Input(input_shape, name="image")  # (28, 28, 1)
    x = tap(layers.Flatten(name="flatten")(image), "stem")  # 784
    for stage, units in enumerate(hidden, 1):
        x = layers.Dense(units, activation="relu", name=f"dense{stage}")(x)  # 300, 100
        if dropout:
            x = layers.Dropout(dropout, name=f"dropout{stage}")(x)
        x = tap(x, f"stage{stage}")
    x = tap(tap(x, "features"), "pooled")
    return keras.Model(image, logits(x, classes), name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"mlp": mlp}
