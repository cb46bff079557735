"""The identity as the first weights of a stack of convolutions."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from kcnn.errors import InputError


@keras.saving.register_keras_serializable(package="kcnn")
class IdentityKernel(keras.initializers.Initializer):
    """A convolution that hands on what it sees, also where it makes the number of maps a multiple of `maps`.

    The maps before and after the convolution, c and c' of them, are taken as `maps` runs of equal length. At the middle
    tap every map of a run is connected with every one of the same run, with the weight maps / c'. So a stack of such
    convolutions that begins and ends with `maps` maps is the identity. All other weights are Gaussian with the
    standard deviation `noise` maps / c', so that maps of a run can become different.

    Shapes: (height, width, c, c'), height and width odd.
    Raises InputError where `maps` does not divide c and c', or the kernel has no middle.
    Source: Yu and Koltun 2016, equations 4 (c = c', no noise) and 5.
    """

    def __init__(self, maps: int, noise: float = 0.0, seed: int | None = None):
        self.maps = maps
        self.noise = noise
        self.seed = seed

    def __call__(self, shape: Sequence[int], dtype: Any = None) -> Any:
        """The kernel."""
        height, width, before, after = shape
        if before % self.maps or after % self.maps:
            raise InputError(f"maps must divide the channels and the filters, got {self.maps} for {before} and {after}")
        if not (height % 2 and width % 2):
            raise InputError(f"an identity kernel has a middle tap, got {height}x{width}")
        dtype = dtype or keras.config.floatx()
        same_run = np.kron(np.eye(self.maps), np.ones((before // self.maps, after // self.maps)))
        middle = np.zeros(shape)
        middle[height // 2, width // 2] = same_run
        weight = self.maps / after
        kernel = ops.convert_to_tensor(weight * middle, dtype)
        if not self.noise:
            return kernel
        noise = keras.initializers.RandomNormal(stddev=self.noise * weight, seed=self.seed)(tuple(shape), dtype)
        return ops.where(ops.convert_to_tensor(middle > 0), kernel, noise)

    def get_config(self) -> dict[str, Any]:
        """What __init__ was given."""
        return {"maps": self.maps, "noise": self.noise, "seed": self.seed}
