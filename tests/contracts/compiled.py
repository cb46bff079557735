"""Networks made ready for a few steps of Keras's own training."""

import keras


def compiled(model, optimizer, loss=None):
    """The network, that learns by a loss; a classifier by its cross entropy.

    The optimizer has its variables already: made in the first step, they would have Keras trace that step twice.
    """
    optimizer.build(model.trainable_variables)
    model.compile(optimizer, loss or keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False)
    return model
