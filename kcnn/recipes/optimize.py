"""How weights are updated, and how the learning rate moves over a training."""

from typing import Annotated, Literal

from pydantic import Field

from kcnn.recipes.spec import Fraction, NonNegativeFloat, PositiveFloat, Probability, record

Momentum = Annotated[float, Field(ge=0, lt=1)]


@record
class Sgd:
    """Gradient descent with momentum. `weight_decay` is the papers': added to the gradient, before momentum."""

    kind: Literal["sgd"] = "sgd"
    lr: PositiveFloat = 0.1
    momentum: Momentum = 0.9
    nesterov: bool = False
    weight_decay: NonNegativeFloat = 0.0


@record
class Adam:
    """Kingma and Ba 2015. `l2` times the weights is added to the gradient: a penalty of half the sum of squares."""

    kind: Literal["adam"] = "adam"
    lr: PositiveFloat = 1e-3
    beta_1: Momentum = 0.9
    beta_2: Momentum = 0.999
    l2: NonNegativeFloat = 0.0


@record
class AdamW:
    """Loshchilov and Hutter 2019: decay apart from the gradient; biases and normalisation are not decayed."""

    kind: Literal["adamw"] = "adamw"
    lr: PositiveFloat = 1e-3
    beta_1: Momentum = 0.9
    beta_2: Momentum = 0.999
    weight_decay: NonNegativeFloat = 0.01


@record
class RmsProp:
    """Tieleman and Hinton 2012."""

    kind: Literal["rmsprop"] = "rmsprop"
    lr: PositiveFloat = 1e-3
    rho: Momentum = 0.9
    momentum: Momentum = 0.0


@record
class Adadelta:
    """Zeiler 2012, where `lr` is 1."""

    kind: Literal["adadelta"] = "adadelta"
    lr: PositiveFloat = 1.0
    rho: Momentum = 0.95
    epsilon: PositiveFloat = 1e-6


Optimizer = Annotated[Sgd | Adam | AdamW | RmsProp | Adadelta, Field(discriminator="kind")]


@record
class Constant:
    """The same learning rate throughout, after a linear rise over `warmup_epochs`."""

    kind: Literal["constant"] = "constant"
    warmup_epochs: NonNegativeFloat = 0.0


@record
class Cosine:
    """Half a cosine from the learning rate down to `final` times it (Loshchilov and Hutter 2017)."""

    kind: Literal["cosine"] = "cosine"
    warmup_epochs: NonNegativeFloat = 0.0
    final: Probability = 0.0


@record
class Steps:
    """Multiply by `factor` at each fraction of the training in `at`."""

    kind: Literal["steps"] = "steps"
    at: tuple[Fraction, ...] = (0.5, 0.75)
    factor: Probability = 0.1
    warmup_epochs: NonNegativeFloat = 0.0


Schedule = Annotated[Constant | Cosine | Steps, Field(discriminator="kind")]
