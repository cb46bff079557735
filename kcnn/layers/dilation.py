"""A kernel with zeros between its taps."""

from collections.abc import Sequence
from typing import Any

from keras import ops


def dilated(kernel: Any, gaps: Sequence[int]) -> Any:
    """A kernel (*taps, a, b) with gap - 1 zeros between its taps, for the gap of each axis."""
    kernel = ops.convert_to_tensor(kernel)
    for axis, gap in enumerate(gaps):
        if gap > 1:
            zeros = [(0, 0)] * (len(kernel.shape) + 1)
            zeros[axis + 1] = (0, gap - 1)
            shape = list(kernel.shape)
            shape[axis] *= gap
            spread = ops.reshape(ops.pad(ops.expand_dims(kernel, axis + 1), zeros), shape)
            kernel = spread[(slice(None),) * axis + (slice(0, 1 - gap),)]  # no zeros after the last tap
    return kernel
