"""Losses: one value an example, so that weights and replicas can be accounted for exactly."""

from collections.abc import Callable

import tensorflow as tf

Loss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def cross_entropy(smoothing: float = 0.0) -> Loss:
    """Of labels (N,) and logits (N, classes), in nats; `smoothing` of the target is spread over all classes.

    Source of smoothing: Szegedy et al. 2016, section 7.
    """

    def loss(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        sharp = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        if not smoothing:
            return sharp
        even = -tf.reduce_mean(tf.nn.log_softmax(logits), axis=-1)
        return (1.0 - smoothing) * sharp + smoothing * even

    return loss
