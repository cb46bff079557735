"""Correlations for properties to hold for, and the sum that they are, written out."""

from dataclasses import dataclass
from itertools import product

import numpy as np
from hypothesis import strategies as st

from kcnn.arithmetic.sizes import output_size

few = st.integers(1, 4)
one_or_two = st.integers(1, 2)
up_to_three = st.integers(1, 3)
some_zeros = st.integers(0, 2)
any_padding = st.one_of(some_zeros, st.tuples(some_zeros, some_zeros), st.sampled_from(["valid", "same", "full"]))


@dataclass(frozen=True)
class Case:
    """Sizes of an input, and a correlation that has an output on it; entries for each axis."""

    sizes: list[int]
    taps: list[int]
    strides: list[int]
    paddings: list
    dilations: list[int]
    groups: int

    @property
    def rules(self):
        """The arguments that correlation, its gradients and im2col share."""
        return self.paddings, self.strides, self.dilations

    def operands(self, count=2):
        """A batch, and kernels with channels, drawn."""
        rng = np.random.default_rng(0)
        channels, filters = 2 * self.groups, 3 * self.groups
        return rng.normal(size=(count, *self.sizes, channels)), rng.normal(size=(*self.taps, 2, filters))


@st.composite
def correlations(draw, axes=one_or_two, padding=some_zeros, groups=one_or_two):
    """Cases with that many axes, and that padding along each."""
    axes = draw(axes)
    sizes, taps, strides, dilations = ([draw(few) for _ in range(axes)] for _ in range(4))
    paddings = [draw(padding) for _ in range(axes)]
    extents = [d * (k - 1) + 1 for d, k in zip(dilations, taps, strict=True)]
    covered = [2 * p if isinstance(p, int) else sum(p) if isinstance(p, tuple) else 0 for p in paddings]
    sizes = [max(n, extent - c) for n, extent, c in zip(sizes, extents, covered, strict=True)]
    return Case(sizes, taps, strides, paddings, dilations, draw(groups))


def by_places(x, kernel, stride, padding, dilation, groups):
    """Place by place; kernel (*sizes, channels // groups, filters), a number of zeros for each axis."""
    axes = x.ndim - 2
    *taps, seen, filters = kernel.shape
    padded = np.pad(x, [(0, 0), *[(p, p) for p in padding], (0, 0)])
    sizes = [
        output_size(size, *rule) for size, *rule in zip(x.shape[1:-1], taps, stride, padding, dilation, strict=True)
    ]
    y = np.zeros((len(x), *sizes, filters))
    for place, tap, target in product(np.ndindex(*sizes), np.ndindex(*taps), range(filters)):
        first = target // (filters // groups) * seen
        source = tuple(stride[a] * place[a] + dilation[a] * tap[a] for a in range(axes))
        values = padded[(slice(None), *source, slice(first, first + seen))]
        y[(slice(None), *place, target)] += values @ kernel[(*tap, slice(None), target)]
    return y


def slopes(function, x, step=1e-6):
    """The derivatives of a number by each entry of x: central differences."""
    derivatives = np.zeros_like(x)
    for entry in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[entry] += step
        down[entry] -= step
        derivatives[entry] = (function(up) - function(down)) / (2 * step)
    return derivatives
