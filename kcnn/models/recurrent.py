"""What the temporal convolutional network and WaveNet are measured against: the LSTM and the GRU, layer upon layer.

Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000; Cho et al. 2014. The layers are Keras's: on a
GPU they are cuDNN's. Its GRU resets the state after the product with it, and so has a second bias.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
from keras import layers

from kcnn.layers import ForgetBias, OneHot
from kcnn.layers.block import act
from kcnn.models.conditions import Conditions
from kcnn.models.parts import logits, sequence_classifier, tap


def lstm(
    input_shape: Sequence[int | None],
    classes: int,
    name: str,
    *,
    units: int = 130,
    depth: int = 1,
    dropout: float = 0.0,
    forget_bias: float = 1.0,
    answer: str = "last",
) -> keras.Model:
    """Series (N, T, channels) to logits (N, classes) at the last step, or (N, T, classes) at every step.

    130 units in one layer are those of Bai, Kolter, Koltun 2018, table 3, for the adding problem of 600 steps; there
    the first bias of the forget gates is one of the settings that are searched. T may be None.
    """

    def layer(name: str) -> Any:
        bias = ForgetBias(forget_bias)
        return layers.LSTM(units, return_sequences=True, unit_forget_bias=False, bias_initializer=bias, name=name)

    return stacked(layer, input_shape, classes, name, depth, dropout, answer)


def gru(
    input_shape: Sequence[int | None],
    classes: int,
    name: str,
    *,
    units: int = 151,
    depth: int = 1,
    dropout: float = 0.0,
    answer: str = "last",
) -> keras.Model:
    """Shapes as for `lstm`; 151 units have as many weights as the temporal convolutional network of 600 steps."""

    def layer(name: str) -> Any:
        return layers.GRU(units, return_sequences=True, name=name)

    return stacked(layer, input_shape, classes, name, depth, dropout, answer)


def stacked(
    layer: Callable[[str], Any],
    input_shape: Sequence[int | None],
    classes: int,
    name: str,
    depth: int,
    dropout: float,
    answer: str,
) -> keras.Model:
    """`depth` layers, dropout behind each of them, and the classifier at every step or at the last.

    Taps: `stage1` to `stageN`, the layers; `features`; `pooled`, the last step, where only that is answered; `logits`.
    """
    series = x = layers.Input(input_shape, name="series")  # (600, 2)
    for stage in range(1, depth + 1):
        x = layer(f"stage{stage}_block1_{name}")(x)  # (600, 130)
        if dropout:
            x = layers.Dropout(dropout, name=f"stage{stage}_block1_dropout")(x)
        x = tap(x, f"stage{stage}")
    return keras.Model(series, sequence_classifier(x, classes, answer), name=name)


def wave_lstm(
    input_shape: Sequence[int | None],
    classes: int,
    name: str,
    *,
    units: int = 142,
    depth: int = 1,
    conditions: Mapping[str, int] | None = None,
    local: int = 0,
    hop: int = 80,
) -> keras.Model:
    """Codes (N, T) to logits (N, T, classes) of the code that comes next, and inputs as for `wavenet`.

    Codes are mapped to `units` numbers, to which is added what is told; 142 units have about as many weights as that
    network.

    Taps: `stem`; `stage1` to `stageN`, the layers; `features`; `logits`.
    """
    codes = layers.Input(input_shape, dtype="int32", name="codes")
    given = Conditions(conditions or {}, local, hop, input_shape[0])
    x = layers.Dense(units, name="stem_dense")(OneHot(classes, name="codes_one_hot")(codes))  # (T, 142)
    x = tap(given.told(x, name="stem"), "stem")
    for stage in range(1, depth + 1):
        x = tap(layers.LSTM(units, return_sequences=True, name=f"stage{stage}_block1_lstm")(x), f"stage{stage}")
    x = act(layers.Dense(units, name="head")(tap(x, "features")), "relu", "head")
    return keras.Model({"codes": codes, **given.inputs}, logits(x, classes), name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"lstm": lstm, "gru": gru, "wave_lstm": wave_lstm}
