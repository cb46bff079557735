"""The recipe's optimizer as Keras's."""

from typing import Any

import keras

from kcnn.recipes import optimize as records


def optimizer(record: records.Optimizer, learning_rate: Any, precision: str) -> keras.optimizers.Optimizer:
    """Keras's optimizer for a record; under float16 with a loss scale, so that small gradients survive.

    The weight decay of `Sgd` is not Keras's (which decays apart from the gradient): the training step adds it.
    """
    match record:
        case records.Sgd():
            made = keras.optimizers.SGD(learning_rate, momentum=record.momentum, nesterov=record.nesterov)
        case records.Adam():
            made = keras.optimizers.Adam(learning_rate, record.beta_1, record.beta_2)
        case records.AdamW():
            made = keras.optimizers.AdamW(learning_rate, record.weight_decay, record.beta_1, record.beta_2)
            made.exclude_from_weight_decay(var_names=["bias", "gamma", "beta", "coefficient"])
        case records.RmsProp():
            made = keras.optimizers.RMSprop(learning_rate, rho=record.rho, momentum=record.momentum)
        case records.Adadelta():
            made = keras.optimizers.Adadelta(learning_rate, rho=record.rho, epsilon=record.epsilon)
        case _:
            raise TypeError(f"no optimizer for {type(record).__name__}")
    return keras.optimizers.LossScaleOptimizer(made) if precision == "mixed_float16" else made


def l2(record: records.Optimizer) -> float:
    """How much of the weights is added to the gradient."""
    match record:
        case records.Sgd():
            return record.weight_decay
        case records.Adam():
            return record.l2
        case _:
            return 0.0


def restart(made: keras.optimizers.Optimizer) -> None:
    """Let an optimizer count from 0 again, with no momentum; a loss scale stays as it is.

    Variables that begin to learn late must not meet moments that are corrected as if they had been there always.
    """
    for variable in getattr(made, "inner_optimizer", made).variables:
        variable.assign(keras.ops.zeros_like(variable))
