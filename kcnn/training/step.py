"""One update on one global batch, and the forward pass: exact for every batch size and number of replicas."""

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from kcnn.training.losses import Loss

Standardize = Callable[[tf.Tensor], tf.Tensor]
Batch = tuple[tf.Tensor, tf.Tensor, tf.Tensor]

AUXILIARY = 0.3
"""How much the loss of an auxiliary head counts beside that of the logits (Szegedy et al. 2015, section 5)."""

# Distinct replicas draw from streams this far apart (an odd constant: the golden ratio's bits).
_STREAM = 0x9E3779B9


class Step:
    """Gradient of the mean loss over the global batch, then the optimizer's update.

    A model may answer with a mapping: `logits`, and auxiliary heads by other names, whose losses are added to what
    is minimised, and to nothing that is reported.

    `factors` are of the learning rate, one for each trainable variable, or none.

    Forward and backward are free of side effects (`stateless_call`), so that XLA can compile them on a GPU
    under `MirroredStrategy`; the optimizer and the moving statistics are assigned outside.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        loss: Loss,
        standardize: Standardize,
        strategy: tf.distribute.Strategy,
        l2: float = 0.0,
        clip_norm: float | None = None,
        factors: Sequence[float] = (),
        jit: bool = False,
    ):
        self.model = model
        self.optimizer = optimizer
        self.loss = loss
        self.standardize = standardize
        self.strategy = strategy
        self.l2 = l2
        self.clip_norm = clip_norm
        self.factors = factors
        self._gradients = (
            tf.function(self._forward_backward, jit_compile=True, autograph=False) if jit else self._forward_backward
        )

    @tf.function(reduce_retracing=True, autograph=False)
    def train(self, batch: Batch) -> tf.Tensor:
        """Update the model on one global batch; sums over it: loss, right answers, examples (float64)."""
        sums = self.strategy.run(self._replica_train, args=batch)
        return self.strategy.reduce("SUM", sums, axis=None)

    @tf.function(reduce_retracing=True, autograph=False)
    def predict(self, batch: Batch) -> Any:
        """Logits of one global batch, with its labels and weights, a value a replica."""
        return self.strategy.run(self._replica_predict, args=batch)

    def _replica_train(self, images: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        context = tf.distribute.get_replica_context()
        shares = weights / context.all_reduce("SUM", tf.reduce_sum(weights))
        replica = tf.cast(context.replica_id_in_sync_group, tf.int64)
        losses, logits, gradients, updates = self._gradients(images, labels, shares, replica)
        self._assign(updates, context)
        self._update(gradients, context)
        right = tf.cast(tf.equal(tf.argmax(logits, -1), labels), tf.float32)
        sums = [tf.reduce_sum(weights * losses), tf.reduce_sum(weights * right), tf.reduce_sum(weights)]
        return tf.cast(tf.stack(sums), tf.float64)

    def _forward_backward(
        self, images: tf.Tensor, labels: tf.Tensor, shares: tf.Tensor, replica: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, list[tf.Tensor], list[tf.Tensor]]:
        """Losses and logits of a replica's examples, its part of the gradients, new values of the state."""
        weights = [tf.convert_to_tensor(variable.value) for variable in self.model.trainable_variables]
        offsets = [_stream(variable, replica) for variable in self.model.non_trainable_variables]
        state = [
            tf.convert_to_tensor(variable.value) + offset
            if offset is not None
            else tf.convert_to_tensor(variable.value)
            for variable, offset in zip(self.model.non_trainable_variables, offsets, strict=True)
        ]
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(weights)
            answer, new_state = self.model.stateless_call(weights, state, self.standardize(images), training=True)
            logits, heads = _split(answer)
            losses = self.loss(labels, logits)
            trained = losses + AUXILIARY * tf.add_n([self.loss(labels, head) for head in heads]) if heads else losses
            total = self.optimizer.scale_loss(tf.reduce_sum(shares * trained))
        gradients = tape.gradient(total, weights, unconnected_gradients="zero")
        new_state = [
            value - offset if offset is not None else value for value, offset in zip(new_state, offsets, strict=True)
        ]
        return losses, logits, gradients, new_state

    def _assign(self, values: list[tf.Tensor], context: tf.distribute.ReplicaContext) -> None:
        """Moving statistics as the mean over the replicas, counters as they are: equal on every replica."""
        for variable, value in zip(self.model.non_trainable_variables, values, strict=True):
            averaged = value.dtype.is_floating and self.strategy.num_replicas_in_sync > 1
            variable.assign(context.all_reduce("MEAN", value) if averaged else value)

    def _update(self, gradients: list[tf.Tensor], context: tf.distribute.ReplicaContext) -> None:
        replicas = self.strategy.num_replicas_in_sync
        if self.l2:
            gradients = [
                gradient + self.l2 / replicas * self.optimizer.scale_loss(variable.value)
                for gradient, variable in zip(gradients, self.model.trainable_variables, strict=True)
            ]
        scaled = isinstance(self.optimizer, keras.optimizers.LossScaleOptimizer)
        # Keras would clip a replica's part, and look for an overflow in one replica's: it is the whole that counts.
        whole = replicas > 1 and bool(self.clip_norm or scaled)
        if whole:
            gradients = context.all_reduce("SUM", gradients)
        if self.clip_norm:
            scale = self.optimizer.scale_loss(tf.constant(1.0))
            gradients, _ = tf.clip_by_global_norm(gradients, self.clip_norm * scale)
        if whole:
            gradients = [gradient / replicas for gradient in gradients]
        before = [variable.value + 0 for variable in self.model.trainable_variables] if self.factors else []
        self.optimizer.apply(gradients, self.model.trainable_variables)  # sums over the replicas
        # Of any optimizer's step, a share is a step at that share of the learning rate.
        for variable, old, factor in zip(self.model.trainable_variables, before, self.factors, strict=False):
            if factor != 1:
                variable.assign(old + factor * (variable.value - old))

    def _replica_predict(self, images: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> Batch:
        logits, _ = _split(self.model(self.standardize(images), training=False))
        return logits, labels, weights


def _split(answer: Any) -> tuple[tf.Tensor, list[tf.Tensor]]:
    """The logits of a model's answer, and those of its auxiliary heads, where it has them: in float32."""
    if not isinstance(answer, dict):
        return tf.cast(answer, tf.float32), []
    heads = [tf.cast(head, tf.float32) for name, head in answer.items() if name != "logits"]
    return tf.cast(answer["logits"], tf.float32), heads


def _stream(variable: keras.Variable, replica: tf.Tensor) -> tf.Tensor | None:
    """What to add to a random state so that a replica draws its own numbers; None for any other variable."""
    if not variable.path.endswith("seed_generator_state"):
        return None
    dtype = tf.as_dtype(variable.dtype)
    return tf.stack([tf.cast(replica * _STREAM, dtype), tf.zeros([], dtype)])
