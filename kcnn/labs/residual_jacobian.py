"""What goes around a block adds the identity to its Jacobian, J_{f+I} = J_f + I, and gradients get through.

He, Zhang, Ren, Sun 2015 and 2016. The networks are those of the first paper with their first weights, normalised over
the batch as there, before any training.
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from kcnn.labs.lab import Outcome, distance
from kcnn.labs.training import digits, enlarged, first_weights, seed_weights
from kcnn.layers.block import conv
from kcnn.plots.panels import Curves, Matrix, panels
from kcnn.seeds import generator

SIDE, MAPS = 3, 2
IMAGE, IMAGES = 16, 64

Function = Callable[[tf.Tensor], tf.Tensor]


def measure(plain: str = "plain56_cifar", residual: str = "resnet56_cifar") -> Outcome:
    """Differentiate a block with and without what goes around it, and two deep networks at every convolution."""
    f = block()
    x = tf.constant(generator(0).normal(size=(1, SIDE, SIDE, MAPS)), tf.float32)
    without, around = jacobian(f, x), jacobian(lambda x: f(x) + x, x)
    norms = {name: gradient_norms(name) for name in (plain, residual)}
    growth = {name: max(values) / min(values) for name, values in norms.items()}
    numbers = {
        "jacobian_to_that_of_the_block_plus_identity": distance(around, without + np.eye(len(without))),
        "gradient_of_the_plain_network_largest_to_smallest": growth[plain],
        "gradient_of_the_residual_network_largest_to_smallest": growth[residual],
    }
    holds = (
        numbers["jacobian_to_that_of_the_block_plus_identity"] < 1e-5
        and growth[plain] > 100
        and growth[residual] < growth[plain] / 10
    )
    row = [
        Matrix(without, "J of a block f", ".1f", caption=f"{SIDE} x {SIDE} pixels, {MAPS} maps"),
        Matrix(around, "J of f + I", ".1f", caption="1 more on the diagonal"),
        Curves(
            range(1, len(norms[plain]) + 1),
            norms,
            "gradient of every convolution's weights",
            "convolution, from the image to the classes",
            "norm",
            log="y",
            caption="first weights, 64 digits",
        ),
    ]
    return Outcome(holds, numbers, panels([row], width=5.0, height=5.0))


def block() -> keras.Model:
    """Convolution, ReLU, convolution: (N, SIDE, SIDE, MAPS) to the same shape."""
    seed_weights(0)
    x = keras.Input((SIDE, SIDE, MAPS))
    return keras.Model(x, conv(conv(x, MAPS, 3, name="a"), MAPS, 3, activation=None, name="b"))


def jacobian(f: Function, x: tf.Tensor) -> np.ndarray:
    """The derivatives of every output (rows) by every input (columns)."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.reshape(f(x), [-1])
    return tape.jacobian(y, x).numpy().reshape(len(y), -1).astype(float)


def gradient_norms(name: str) -> list[float]:
    """The norm of the loss's gradient by the kernel of each convolution, in order of depth."""
    known = digits()
    images = enlarged(known.train[:IMAGES]).astype("float32")
    model = first_weights(name, IMAGE, seed=0)
    kernels = [weight for weight in model.trainable_variables if weight.path.endswith("_conv/kernel")]
    with tf.GradientTape() as tape:
        logits = model((images - images.mean()) / images.std(), training=True)
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(known.train_labels[:IMAGES], logits)
        loss = tf.reduce_mean(loss)
    gradients = tape.gradient(loss, [kernel.value for kernel in kernels])
    return [float(tf.norm(gradient)) for gradient in gradients]
