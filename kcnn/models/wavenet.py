"""WaveNet: van den Oord et al. 2016, figure 4. Causal, dilated, gated, with residual and skip connections."""

from collections.abc import Callable, Mapping, Sequence

import keras
from keras import layers

from kcnn.layers import CausalConv1D, GatedActivation, OneHot
from kcnn.layers.block import act
from kcnn.models.conditions import Conditions
from kcnn.models.parts import logits, tap


def wavenet(
    input_shape: Sequence[int | None],
    classes: int,
    name: str,
    *,
    filters: int = 32,
    skip: int = 64,
    stacks: int = 3,
    levels: int = 10,
    kernel: int = 2,
    conditions: Mapping[str, int] | None = None,
    local: int = 0,
    hop: int = 80,
) -> keras.Model:
    """Codes (N, T), whole numbers below `classes`, to logits (N, T, classes) of the code that comes next at each step.

    A mapping of inputs is given: `codes`; for each of `conditions`, which say how many labels there are, a label (N,);
    with `local` a row of so many log-mel energies for every `hop` codes, (N, T / hop, local). T may be None. The answer
    at a step depends on it and on the stacks (kernel - 1) (2^levels - 1) + kernel - 1 steps before, and on all
    conditions.

    Conditions are added to what each gated activation sees (the paper's section 2.5): labels by a linear map, the same
    at every step, local ones by a 1x1 convolution, repeated `hop` times. The paper does not say how many filters its
    networks have.

    Taps: `stem`; `stage1`..., the stacks but the last, which ends in its skip connections; `features`, the sum of all
    of these; `logits`.
    """
    codes = layers.Input(input_shape, dtype="int32", name="codes")
    given = Conditions(conditions or {}, local, hop, input_shape[0])
    x = OneHot(classes, name="codes_one_hot")(codes)  # (T, 256)
    x = tap(CausalConv1D(filters, kernel, name="stem_conv")(x), "stem")  # (T, 32)
    skips = []
    for stage in range(1, stacks + 1):
        for level in range(levels):
            block = f"stage{stage}_block{level + 1}"
            gate = CausalConv1D(2 * filters, kernel, dilation_rate=2**level, name=f"{block}_conv")(x)  # (T, 64)
            y = GatedActivation(name=f"{block}_gate")(given.told(gate, name=block))  # (T, 32)
            skips.append(layers.Dense(skip, name=f"{block}_skip")(y))
            if (stage, level) != (stacks, levels - 1):  # nothing sees what the last block would pass on
                x = layers.Add(name=f"{block}_add")([layers.Dense(filters, name=f"{block}_residual")(y), x])
        if stage < stacks:
            x = tap(x, f"stage{stage}")
    x = layers.Add(name="skips")(skips) if len(skips) > 1 else skips[0]
    x = act(tap(x, "features"), "relu", "features")  # (T, 64)
    x = act(layers.Dense(skip, name="head")(x), "relu", "head")
    return keras.Model({"codes": codes, **given.inputs}, logits(x, classes), name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"wavenet": wavenet}
