import gc
import weakref

import keras
import numpy as np
import pytest
import tensorflow as tf

from kcnn.training.forgetting import forgotten_gradients


def graph_of_a_training():
    """The graph of one update as Keras makes it, of which nothing else is left."""
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    optimizer = keras.optimizers.SGD()
    optimizer.build(model.trainable_variables)

    @tf.function(jit_compile=False)
    def step(x):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(x))
        optimizer.apply(tape.gradient(loss, model.trainable_variables))

    concrete = step.get_concrete_function(tf.TensorSpec((1, 3)))
    return weakref.ref(concrete.graph)


def test_the_graph_of_a_training_is_freed():
    with forgotten_gradients():
        graph = graph_of_a_training()
    gc.collect()

    assert graph() is None


def test_tensorflow_alone_keeps_it():
    """Once this fails, TensorFlow frees it, and `forgotten_gradients` can go."""
    graph = graph_of_a_training()
    gc.collect()

    assert graph() is not None


def test_gradients_from_before_stay():
    @tf.custom_gradient
    def doubled(x):
        return x, lambda upstream: 2 * upstream

    @tf.function(jit_compile=False)
    def graph(x):
        return doubled(x)

    before = graph.get_concrete_function(tf.TensorSpec(()))
    with forgotten_gradients():
        graph_of_a_training()
    x = tf.constant(3.0)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = before(x)

    assert np.array(tape.gradient(y, x)) == 2


def test_an_error_inside_comes_out():
    with pytest.raises(KeyError, match="inside"), forgotten_gradients():
        raise KeyError("inside")
