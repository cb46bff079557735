"""Batch normalisation as it must be in training: fused on one device, across all replicas on several."""

from typing import Any

import keras
import tensorflow as tf

from kcnn.layers.refresh import refresh


class FusedBatchNormalization(keras.layers.BatchNormalization):
    """Keras's layer computed by TensorFlow's fused kernel: the same numbers, fewer passes over memory."""

    def call(self, inputs: tf.Tensor, training: bool | None = None, mask: Any = None) -> tf.Tensor:
        """Normalise (N, H, W, C)."""
        learning = bool(training) and self.trainable
        width = inputs.shape[-1]
        outputs, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=inputs,
            scale=tf.cast(self.gamma, tf.float32) if self.scale else tf.ones([width]),
            offset=tf.cast(self.beta, tf.float32) if self.center else tf.zeros([width]),
            mean=tf.zeros([0]) if learning else tf.cast(self.moving_mean, tf.float32),
            variance=tf.zeros([0]) if learning else tf.cast(self.moving_variance, tf.float32),
            epsilon=self.epsilon,
            is_training=learning,
        )
        if learning:
            count = tf.cast(tf.size(inputs) // width, tf.float32)
            # The kernel divides by count - 1, Keras by count.
            variance = variance * (tf.maximum(count - 1.0, 1.0) / count)
            kept = self.momentum
            self.moving_mean.assign(self.moving_mean * kept + mean * (1.0 - kept))
            self.moving_variance.assign(self.moving_variance * kept + variance * (1.0 - kept))
        return outputs


class SynchronizedBatchNormalization(keras.layers.BatchNormalization):
    """Statistics of the global batch, whatever its split: two exchanges of sums between the replicas.

    Keras's own (`synchronized=True`) exchanges the number of examples in the backward pass too, at a moment that
    differs between replicas, and then adds values of different layers.
    """

    def _moments(self, inputs: tf.Tensor, mask: Any) -> tuple[tf.Tensor, tf.Tensor]:
        width = inputs.shape[-1]
        axes = list(range(inputs.shape.rank - 1))
        context = tf.distribute.get_replica_context()
        count = tf.cast(tf.size(inputs) // width, inputs.dtype)
        sums = context.all_reduce("SUM", tf.concat([tf.reduce_sum(inputs, axes), count[tf.newaxis]], 0))
        total, number = tf.split(sums, [width, 1])
        mean = total / number
        # The mean of squares less the square of the mean would lose every digit where the mean is large.
        squares = context.all_reduce("SUM", tf.reduce_sum(tf.square(inputs - mean), axes))
        return mean, squares / number


def training_copy(model: keras.Model, replicas: int) -> keras.Model:
    """A model with the same variables' values and fast, replica-safe batch normalisation; made in a strategy's scope.

    Weights go back by `model.set_weights(copy.get_weights())`: the two have the same variables in the same order.
    """

    def clone(layer: keras.Layer) -> keras.Layer:
        if isinstance(layer, keras.Model):
            return keras.models.clone_model(layer, clone_function=clone)
        config = layer.get_config()
        if type(layer) is keras.layers.BatchNormalization:
            if replicas > 1:
                return SynchronizedBatchNormalization.from_config(config)
            if len(layer.input.shape) == 4 and layer.axis in (-1, 3):
                return FusedBatchNormalization.from_config(config)
        return type(layer).from_config(config)

    copy = keras.models.clone_model(model, clone_function=clone)
    copy.set_weights(model.get_weights())
    refresh(copy)
    return copy
