"""Losses: one value an example, so that weights and replicas can be accounted for exactly."""

from collections.abc import Callable

import tensorflow as tf

Loss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def cross_entropy(smoothing: float = 0.0, rubbish: float | None = None) -> Loss:
    """Of labels (N,) and logits (N, classes), in nats; `smoothing` of the target is spread over all classes.

    With `rubbish` (j) there is one class more, never the right one, whose logit is always -j. For logits that are
    minus a distance to each class it asks more than that the right one be nearest: it has to be near.
    Sources: Szegedy et al. 2016, section 7; LeCun et al. 1998, equation 9.
    """

    def loss(labels: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
        if rubbish is not None:
            logits = tf.concat([logits, tf.fill([tf.shape(logits)[0], 1], -rubbish)], axis=-1)
        sharp = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
        if not smoothing:
            return sharp
        even = -tf.reduce_mean(tf.nn.log_softmax(logits), axis=-1)
        return (1.0 - smoothing) * sharp + smoothing * even

    return loss
