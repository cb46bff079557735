"""A convolution is a product with a matrix that is nearly empty and repeats a few weights along its diagonals."""

from collections.abc import Callable
from typing import Any

import numpy as np

from kcnn.arithmetic.correlation import correlate
from kcnn.arithmetic.toeplitz import correlation_matrix
from kcnn.filters.kernels import gaussian
from kcnn.labs.lab import Outcome, distance
from kcnn.labs.photographs import grey_photograph
from kcnn.plots.panels import Matrix, Panel, Picture, panels

IMAGE = np.arange(9.0).reshape(3, 3)
KERNEL = np.arange(1.0, 5).reshape(2, 2)


def measure(matrix: Callable[..., Any] = correlation_matrix) -> Outcome:
    """The lecture's 4x9 matrix of a 2x2 kernel on a 3x3 image, and that of a blur of a photograph."""
    small = matrix(KERNEL, (3, 3)).toarray()
    answer = (small @ IMAGE.ravel()).reshape(2, 2)
    photograph = grey_photograph("china")[60:124, 200:264]
    blur = gaussian(1.0, 7)
    large = matrix(blur, photograph.shape)
    blurred = (large @ photograph.ravel()).reshape(58, 58)
    numbers = {
        "small_to_correlation": distance(answer, correlate(IMAGE, KERNEL)),
        "small_rows": small.shape[0],
        "small_columns": small.shape[1],
        "small_different_weights": len(np.unique(small[small != 0])),
        "photograph_to_correlation": distance(blurred, correlate(photograph, blur)),
        "photograph_entries": large.shape[0] * large.shape[1],
        "photograph_share_not_zero": large.nnz / (large.shape[0] * large.shape[1]),
    }
    holds = (
        small.shape == (4, 9)
        and numbers["small_to_correlation"] < 1e-12
        and numbers["small_different_weights"] == KERNEL.size
        and numbers["photograph_to_correlation"] < 1e-12
        and numbers["photograph_share_not_zero"] == blur.size / photograph.size
    )
    rows: list[list[Panel]] = [
        [
            Matrix(KERNEL, "kernel"),
            Matrix(small, "its matrix for a 3x3 image"),
            Matrix(IMAGE.reshape(9, 1), "the image as a column"),
            Matrix(answer.reshape(4, 1), "the product"),
        ],
        [
            Picture(photograph, "photograph, 64x64"),
            Picture((large[:300, :300].toarray() != 0).astype(float), "first 300 rows and columns: white is not 0"),
            Picture(photograph.reshape(-1, 1)[:300].repeat(60, axis=1), "the photograph as a column, its first 300"),
            Picture(blurred, "the product, as an image"),
        ],
    ]
    return Outcome(holds, numbers, panels(rows, width=3.9))
