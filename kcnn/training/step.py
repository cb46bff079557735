"""One update on one global batch, and the forward pass: exact for every batch size and number of replicas."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from kcnn.training.objectives import WHOLE, Objective

Standardize = Callable[[tf.Tensor], tf.Tensor]
Batch = tuple[tf.Tensor, Any, tf.Tensor]
"""Images (N, h, w, c), uint8, the truth, which may be nested, and weights (N,): 1, or 0 for padding."""

# Distinct replicas draw from streams this far apart (an odd constant: the golden ratio's bits).
_STREAM = 0x9E3779B9


class Step:
    """Gradient of the mean loss over the global batch, then the optimizer's update.

    Where the objective has a loss for each part of the model, each part's weights follow the gradient of its own: a
    part is a network inside the model, by its name.

    `factors` are of the learning rate, one for each trainable variable, or none.

    Forward and backward are free of side effects (`stateless_call`), so that XLA can compile them on a GPU
    under `MirroredStrategy`; the optimizer and the moving statistics are assigned outside. With `jit` it does, but not
    where batches are of several lengths: it would make a program for each, which takes longer than it saves.
    """

    def __init__(
        self,
        model: keras.Model,
        optimizer: keras.optimizers.Optimizer,
        objective: Objective,
        standardize: Standardize,
        strategy: tf.distribute.Strategy,
        l2: float = 0.0,
        clip_norm: float | None = None,
        factors: Sequence[float] = (),
        jit: bool = False,
    ):
        self.model = model
        self.optimizer = optimizer
        self.objective = objective
        self.standardize = standardize
        self.strategy = strategy
        self.l2 = l2
        self.clip_norm = clip_norm
        self.factors = factors
        self.jit = jit
        self._compiled = tf.function(self._forward_backward, jit_compile=True, autograph=False)

    @tf.function(reduce_retracing=True, autograph=False)
    def train(self, batch: Batch) -> tf.Tensor:
        """Update the model on one global batch; sums over it (float64): what is reported, and the examples."""
        sums = self.strategy.run(self._replica_train, args=batch)
        return self.strategy.reduce("SUM", sums, axis=None)

    @tf.function(reduce_retracing=True, autograph=False)
    def predict(self, batch: Batch) -> Any:
        """What evaluation asks for, of one global batch, with its truth and weights, a value a replica."""
        return self.strategy.run(self._replica_predict, args=batch)

    def _replica_train(self, images: tf.Tensor, truth: Any, weights: tf.Tensor) -> tf.Tensor:
        context = tf.distribute.get_replica_context()
        shares = weights / context.all_reduce("SUM", tf.reduce_sum(weights))
        replica = tf.cast(context.replica_id_in_sync_group, tf.int64)
        reported, gradients, updates = self._gradients(images, truth, shares, replica)
        self._assign(updates, context)
        self._update(gradients, context)
        sums = [tf.reduce_sum(weights * values) for values in (*reported, tf.ones_like(weights))]
        return tf.cast(tf.stack(sums), tf.float64)

    def _gradients(self, images: tf.Tensor, truth: Any, shares: tf.Tensor, replica: tf.Tensor) -> Any:
        compute = self._compiled if self.jit and _of_one_size(images, truth) else self._forward_backward
        return compute(images, truth, shares, replica)

    def _forward_backward(
        self, images: tf.Tensor, truth: Any, shares: tf.Tensor, replica: tf.Tensor
    ) -> tuple[tuple[tf.Tensor, ...], list[tf.Tensor], list[tf.Tensor]]:
        """What is reported of a replica's examples, its part of the gradients, new values of the state."""
        weights, state, offsets = self._values(replica)
        seen = self.standardize(images)
        with tf.GradientTape(persistent=True, watch_accessed_variables=False) as tape:
            tape.watch(weights)
            inputs = self.objective.inputs(seen, truth)
            answered, new_state = self.model.stateless_call(weights, state, inputs, training=True)
            judgement = self.objective.judge(seen, truth, answered)
            totals = {
                part: self.optimizer.scale_loss(tf.reduce_sum(shares * losses))
                for part, losses in judgement.minimised.items()
            }
        gradients = self._by_part(tape, totals, weights)
        new_state = [
            value - offset if offset is not None else value for value, offset in zip(new_state, offsets, strict=True)
        ]
        return judgement.reported, gradients, new_state

    def _by_part(
        self, tape: tf.GradientTape, totals: Mapping[str, tf.Tensor], weights: list[tf.Tensor]
    ) -> list[tf.Tensor]:
        """The gradient of each weight, by the loss of the part that it belongs to."""
        found: dict[int, tf.Tensor] = {}
        for part, total in totals.items():
            chosen = self._members(part)
            of_part = tape.gradient(total, [weights[index] for index in chosen], unconnected_gradients="zero")
            found |= dict(zip(chosen, of_part, strict=True))
        return [found[index] for index in range(len(weights))]

    def _members(self, part: str) -> list[int]:
        """Which of the model's trainable weights belong to a part."""
        if part == WHOLE:
            return list(range(len(self.model.trainable_variables)))
        own = {id(variable) for variable in self.model.get_layer(part).trainable_variables}
        return [index for index, variable in enumerate(self.model.trainable_variables) if id(variable) in own]

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

    def _replica_predict(self, images: tf.Tensor, truth: Any, weights: tf.Tensor) -> Batch:
        """What is measured leaves no trace: the state of random layers is not moved on, nor are statistics."""
        context = tf.distribute.get_replica_context()
        variables, state, _ = self._values(tf.cast(context.replica_id_in_sync_group, tf.int64))
        seen = self.standardize(images)
        inputs = self.objective.inputs(seen, truth)
        answered, _ = self.model.stateless_call(variables, state, inputs, training=self.objective.in_training)
        return self.objective.evaluated(seen, truth, answered), truth, weights

    def _values(self, replica: tf.Tensor) -> tuple[list[tf.Tensor], list[tf.Tensor], list[tf.Tensor | None]]:
        """The model's weights and state as a replica has them, and what its random states were moved by."""
        weights = [tf.convert_to_tensor(variable.value) for variable in self.model.trainable_variables]
        offsets = [_stream(variable, replica) for variable in self.model.non_trainable_variables]
        state = [
            tf.convert_to_tensor(variable.value) + offset
            if offset is not None
            else tf.convert_to_tensor(variable.value)
            for variable, offset in zip(self.model.non_trainable_variables, offsets, strict=True)
        ]
        return weights, state, offsets


def _of_one_size(*tensors: Any) -> bool:
    """Whether all axes but that of the examples are of a known length."""
    return all(size is not None for tensor in tf.nest.flatten(tensors) for size in tensor.shape[1:])


def _stream(variable: keras.Variable, replica: tf.Tensor) -> tf.Tensor | None:
    """What to add to a random state so that a replica draws its own numbers; None for any other variable."""
    if not variable.path.endswith("seed_generator_state"):
        return None
    dtype = tf.as_dtype(variable.dtype)
    return tf.stack([tf.cast(replica * _STREAM, dtype), tf.zeros([], dtype)])
