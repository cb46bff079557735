"""A trained network that continues sounds. Imported after TensorFlow."""

from collections.abc import Mapping, Sequence
from functools import cached_property

import keras
import numpy as np
import tensorflow as tf

from kcnn.data.sounds import AudioPreparation, amplitude
from kcnn.exporting.sounds import continued, drawn, steps_of
from kcnn.layers import LogMel
from kcnn.models.stepwise import Stepwise

_TOGETHER = 16
"""How many sounds are made at a time."""


class Sounder:
    """Makes sounds from silence on, by what it is told: names of labels, a recording whose local numbers it follows."""

    def __init__(self, model: keras.Model, preparation: AudioPreparation):
        self.preparation = preparation
        self._model = model
        self._stepwise = Stepwise(model, "codes")
        # A step is hundreds of tiny operations: compiled, it takes a tenth of the time and less.
        self._continued = tf.function(self._steps, jit_compile=True, autograph=False, reduce_retracing=True)

    @cached_property
    def local(self) -> int:
        """How many local numbers it is told every 10 ms."""
        return self._model.input["local"].shape[-1] if "local" in self._model.input else 0

    def sounds(
        self,
        told: Sequence[Mapping[str, str]],
        seconds: float,
        seed: int = 0,
        temperature: float = 1.0,
        like: np.ndarray | None = None,
    ) -> list[np.ndarray]:
        """Sounds (steps,), in -1..1, one for each of `told`, the names of its labels; of seeds `seed`, `seed` + 1, ...

        Equal seeds, equal sounds. `like` (n,) is the recording whose local numbers are followed, for as long as it is.
        """
        hop = self.preparation.hop
        length = len(like) if like is not None else int(steps_of(seconds, self.preparation.rate))
        steps = -(-length // hop) * hop
        uniform = tf.stack([drawn(seed + place, steps, self.preparation.rate) for place in range(len(told))])
        made = []
        for start in range(0, len(told), _TOGETHER):
            some = told[start : start + _TOGETHER]
            given = self._given(some, like, steps)
            codes = self._continued(given, uniform[start : start + _TOGETHER], tf.constant(temperature)).numpy()
            made += [amplitude(each[:length]) for each in codes]
        return made

    def _steps(self, given: Mapping[str, tf.Tensor], uniform: tf.Tensor, temperature: tf.Tensor) -> tf.Tensor:
        return continued(self._stepwise, given, uniform, temperature)

    def _given(self, told: Sequence[Mapping[str, str]], like: np.ndarray | None, steps: int) -> dict[str, tf.Tensor]:
        given = {
            name: tf.constant([names.index(each[name]) for each in told], tf.int32)
            for name, names in self.preparation.told.items()
        }
        if like is not None and self.local:
            filled = np.pad(like, (0, steps - len(like)))[np.newaxis].astype(np.float32)
            rows = LogMel(self.preparation.rate, self.local, self.preparation.hop)(filled)
            given["local"] = tf.repeat(rows, len(told), axis=0)
        return given
