"""Networks of sounds: that name them, and that continue them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf

from kcnn.data.sounds import SILENT
from kcnn.experiment.exporters.exporter import Exporter, named
from kcnn.exporting.sounds import SoundClassifier, SoundMaker, chosen, drawn, missed
from kcnn.exporting.verify import TOLERANCE, Case


class _Sounds(Exporter):
    def module(self) -> SoundClassifier:
        return SoundClassifier(self.run.model, self.run.preprocessing, self.run.classes)

    def cases(self) -> list[Case]:
        logits = self.run.model(self.shown.inputs(np.arange(len(self.shown))), training=False)
        return [Case("serving_default", {"wav_bytes": self._encoded()}, named(logits, self.run.classes))]


class _SoundMaker(Exporter):
    """By the loop before it is written; and that by one pass of Keras's model over its codes, which says what each is.

    The two add up in another order, so that one code in tens of thousands is another: both are right, and lead to
    other sounds. Only where rounding cannot be why is it the model's that is expected.
    """

    examples = 4

    def module(self) -> SoundMaker:
        return SoundMaker(self.run.model, self.run.preprocessing)

    def cases(self) -> list[Case]:
        told, rate = self.run.preprocessing.told, self.run.preprocessing.rate
        numbers = {name: np.arange(self.examples, dtype=np.int32) % len(names) for name, names in told.items()}
        named = {
            "class_name" if name == "class" else name: [told[name][number].encode() for number in each]
            for name, each in numbers.items()
        }
        seconds = np.linspace(0.01, 0.03, self.examples, dtype=np.float32)
        asked: dict[str, Any] = {**named, "seed": np.arange(self.examples), "seconds": seconds}
        codes = self.module().serving_default(*map(tf.constant, asked.values()))["codes"]
        uniform = tf.stack([drawn(seed, codes.shape[1], rate) for seed in asked["seed"]])
        return [Case("serving_default", asked, {"codes": self._right(codes, numbers, uniform)})]

    def _right(self, codes: tf.Tensor, numbers: Mapping[str, np.ndarray], uniform: tf.Tensor) -> np.ndarray:
        """The codes (N, steps), but where others would have been drawn after those before them."""
        before = tf.pad(codes, [[0, 0], [1, 0]], constant_values=SILENT)[:, :-1]
        told = {name: tf.constant(each) for name, each in numbers.items()}
        logits = self.run.model({"codes": before, **told}, training=False)
        return tf.where(missed(logits, codes, uniform) <= TOLERANCE, codes, chosen(logits, uniform)).numpy()


EXPORTERS = {("audio", "classification"): _Sounds, ("audio", "autoregression"): _SoundMaker}
