"""The inception module of GoogLeNet: filters of several sizes side by side, naive or reduced."""

from typing import Any

import keras
from keras import layers

from kcnn.errors import InputError
from kcnn.layers.block import Block, Norm, conv


@keras.saving.register_keras_serializable(package="kcnn")
class Inception(Block):
    """1x1, 3x3 and 5x5 convolutions and a 3x3 maximum, all of the same input, joined.

    `ones`, `threes` and `fives` are the filters of the three sizes. With `reduce_threes`, `reduce_fives` and `pool`,
    which go together, 1x1 convolutions narrow what the larger filters see and what the maximum gives (figure 2b);
    without them the module is the naive one (figure 2a). `five` is the size of the largest filter: torchvision's
    is 3.
    Shapes: (N, H, W, C) to (N, H, W, ones + threes + fives + pool), where pool is C in the naive module.
    Raises InputError where some of the three are missing.
    Source: Szegedy et al. 2015, figure 2 and table 1.
    """

    arguments = ("ones", "threes", "fives", "reduce_threes", "reduce_fives", "pool", "five", "norm")

    def __init__(
        self,
        ones: int,
        threes: int,
        fives: int,
        reduce_threes: int | None = None,
        reduce_fives: int | None = None,
        pool: int | None = None,
        five: int = 5,
        norm: Norm = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        reductions = (reduce_threes, reduce_fives, pool)
        if None in reductions and any(reductions):
            raise InputError("reduce_threes, reduce_fives and pool go together: give all of them or none")
        self.ones = ones
        self.threes = threes
        self.fives = fives
        self.reduce_threes = reduce_threes
        self.reduce_fives = reduce_fives
        self.pool = pool
        self.five = five
        self.norm = norm

    def inline(self, x: Any) -> Any:
        """Four branches, joined in the order of their size."""
        pooled = layers.MaxPooling2D(3, 1, "same", name=f"{self.name}_pool")(x)
        branches = (
            self._conv(x, self.ones, 1, "1x1"),
            self._conv(self._reduced(x, self.reduce_threes, "3x3"), self.threes, 3, "3x3"),
            self._conv(self._reduced(x, self.reduce_fives, "5x5"), self.fives, self.five, "5x5"),
            self._conv(pooled, self.pool, 1, "pool_proj") if self.pool else pooled,
        )
        return layers.Concatenate(name=f"{self.name}_concat")(branches)

    def _reduced(self, x: Any, filters: int | None, branch: str) -> Any:
        return self._conv(x, filters, 1, f"{branch}_reduce") if filters else x

    def _conv(self, x: Any, filters: int, kernel: int, branch: str) -> Any:
        return conv(x, filters, kernel, norm=self.norm, name=f"{self.name}_{branch}")
