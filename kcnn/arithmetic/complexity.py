"""What a layer costs: its parameters, and the multiply-adds for one example.

One multiply-add is one product added to a sum. Biases are parameters, but are not counted as multiply-adds,
as is usual in papers' tables. `kernel` and `output` are spatial sizes, of any number of axes.
"""

from collections.abc import Sequence
from math import prod

from kcnn.errors import InputError


def dense_parameters(inputs: int, units: int, bias: bool = True) -> int:
    """Every unit has a weight for every input: inputs x units, plus a bias a unit."""
    return inputs * units + bias * units


def dense_multiply_adds(inputs: int, units: int) -> int:
    """Every weight is used once."""
    return inputs * units


def convolution_parameters(
    kernel: Sequence[int], channels: int, filters: int, groups: int = 1, bias: bool = True
) -> int:
    """Each filter has one kernel for each channel of its group, plus a bias.

    Raises InputError where the groups do not divide the channels and the filters.
    """
    return prod(kernel) * _seen(channels, filters, groups) * filters + bias * filters


def convolution_multiply_adds(
    output: Sequence[int], kernel: Sequence[int], channels: int, filters: int, groups: int = 1
) -> int:
    """Every weight is used once at every place of the output.

    Raises InputError where the groups do not divide the channels and the filters.
    """
    return prod(output) * prod(kernel) * _seen(channels, filters, groups) * filters


def depthwise_parameters(kernel: Sequence[int], channels: int, multiplier: int = 1, bias: bool = True) -> int:
    """Each channel is filtered alone, `multiplier` times, with a bias for each result."""
    return (prod(kernel) + bias) * channels * multiplier


def depthwise_multiply_adds(output: Sequence[int], kernel: Sequence[int], channels: int, multiplier: int = 1) -> int:
    """Every weight is used once at every place of the output."""
    return prod(output) * prod(kernel) * channels * multiplier


def _seen(channels: int, filters: int, groups: int) -> int:
    """The channels that one filter sees."""
    if channels % groups or filters % groups:
        raise InputError(f"groups must divide channels and filters, got {groups} for {channels} and {filters}")
    return channels // groups
