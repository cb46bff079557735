"""A transposed convolution is the adjoint of a convolution, <Ax, y> = <x, A'y>, and not its inverse."""

from collections.abc import Callable

import keras
import numpy as np

from kcnn.arithmetic.correlation import correlation
from kcnn.arithmetic.toeplitz import correlation_matrix
from kcnn.arithmetic.transposed import transposed_by_interleaving, transposed_correlation
from kcnn.labs.lab import Outcome, distance
from kcnn.layers import TransposedConv2D
from kcnn.plots.panels import Matrix, panels
from kcnn.seeds import generator

SIDE, KERNEL, STRIDE = 7, 3, 2


def measure(transposed: Callable[..., np.ndarray] = transposed_correlation) -> Outcome:
    """Compare four ways to transpose a 3x3 convolution with stride 2, and see what it does to what was convolved."""
    rng = generator(0)
    kernel = rng.normal(size=(KERNEL, KERNEL, 1, 1))
    x = rng.normal(size=(1, SIDE, SIDE, 1))
    ax = correlation(x, kernel, stride=STRIDE)
    y = rng.normal(size=ax.shape)
    back = transposed(y, kernel, STRIDE)
    matrix = correlation_matrix(kernel[:, :, 0, 0], (SIDE, SIDE), stride=STRIDE)
    zeros_between = transposed_by_interleaving(y, kernel, STRIDE)
    restored = transposed(ax, kernel, STRIDE)
    numbers = {
        "error_of_the_adjoint": float(abs((ax * y).sum() - (x * back).sum())),
        "to_the_transposed_matrix": distance(back.ravel(), matrix.T @ y.ravel()),
        "to_zeros_between_the_places": distance(back, zeros_between),
        "to_the_layer": distance(back, layer(y, kernel)),
        "to_an_inverse": distance(restored, x),
    }
    holds = numbers["to_an_inverse"] > 0.1 and all(
        value < 1e-5 for name, value in numbers.items() if name != "to_an_inverse"
    )
    products = f"<Ax, y> = {(ax * y).sum():.6f} = <x, A'y> = {(x * back).sum():.6f}"
    ones = transposed(np.ones_like(y), np.ones_like(kernel), STRIDE)
    rows = [
        [
            Matrix(x[0, :, :, 0], "x", ".2f"),
            Matrix(ax[0, :, :, 0], "Ax: 3x3 kernel, stride 2", ".2f"),
            Matrix(restored[0, :, :, 0], "A'Ax: not x again", ".2f"),
        ],
        [
            Matrix(y[0, :, :, 0], "y", ".2f"),
            Matrix(back[0, :, :, 0], f"A'y: {products}", ".2f"),
            Matrix(ones[0, :, :, 0], "A' of ones: how many values reach a place"),
        ],
    ]
    return Outcome(holds, numbers, panels(rows, width=4.4, height=3.4))


def layer(y: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """What kcnn's layer makes of it."""
    made = TransposedConv2D(1, KERNEL, STRIDE, use_bias=False)
    made.build(y.shape)
    made.set_weights([kernel])
    return keras.ops.convert_to_numpy(made(y.astype("float32"))).astype(float)
