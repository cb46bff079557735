"""How many places a sliding window has: the output size of convolution and pooling along one axis."""

from kcnn.errors import InputError

Padding = str | int | tuple[int, int]


def window_extent(kernel: int, dilation: int = 1) -> int:
    """The places from the first to the last tap of a window, both counted: d (k - 1) + 1."""
    return dilation * (kernel - 1) + 1


def same_padding(size: int, kernel: int, stride: int = 1, dilation: int = 1) -> tuple[int, int]:
    """The zeros (before, after) with which the output has ceil(size / stride) places.

    TensorFlow's and Keras's rule: as few zeros as possible, an odd one goes after. With a stride this is
    not what the papers' frameworks do: they pad both sides alike, which is an explicit padding here.
    """
    outputs = -(-size // stride)
    zeros = max(0, (outputs - 1) * stride + window_extent(kernel, dilation) - size)
    return zeros // 2, zeros - zeros // 2


def output_size(size: int, kernel: int, stride: int = 1, padding: Padding = "valid", dilation: int = 1) -> int:
    """The number of places at which the window fits: floor((size + padding - extent) / stride) + 1.

    `padding` is "valid" (none), "same", the zeros on each side, or the zeros (before, after).
    Raises InputError where a count is not positive, or the window is larger than the padded input.
    """
    for what, count in {"size": size, "kernel": kernel, "stride": stride, "dilation": dilation}.items():
        if count < 1:
            raise InputError(f"{what} must be at least 1, got {count}")
    before, after = _zeros(padding, size, kernel, stride, dilation)
    extent = window_extent(kernel, dilation)
    room = size + before + after - extent
    if room < 0:
        raise InputError(f"a window of {extent} does not fit into {size} + {before + after} of padding")
    return room // stride + 1


def _zeros(padding: Padding, size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    if padding == "valid":
        return 0, 0
    if padding == "same":
        return same_padding(size, kernel, stride, dilation)
    if isinstance(padding, str):
        raise InputError(f"padding is 'valid', 'same', a number or a pair of numbers, got {padding!r}")
    before, after = (padding, padding) if isinstance(padding, int) else padding
    if min(before, after) < 0:
        raise InputError(f"padding must not be negative, got {padding}")
    return before, after
