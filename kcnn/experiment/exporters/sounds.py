"""Networks of sounds: that name them, and that continue them."""

import numpy as np
import tensorflow as tf

from kcnn.data.sounds import SILENT
from kcnn.experiment.exporters.exporter import Exporter, named
from kcnn.exporting.sounds import SoundClassifier, SoundMaker, chosen, drawn
from kcnn.exporting.verify import Case


class _Sounds(Exporter):
    def module(self) -> SoundClassifier:
        return SoundClassifier(self.run.model, self.run.preprocessing, self.run.classes)

    def cases(self) -> list[Case]:
        logits = self.run.model(self.shown.inputs(np.arange(len(self.shown))), training=False)
        return [Case("serving_default", {"wav_bytes": self._encoded()}, named(logits, self.run.classes))]


class _SoundMaker(Exporter):
    """By the loop that is written down in the graph, and by Keras's model on all steps at once."""

    examples = 4

    def module(self) -> SoundMaker:
        return SoundMaker(self.run.model, self.run.preprocessing)

    def cases(self) -> list[Case]:
        told, rate = self.run.preprocessing.told, self.run.preprocessing.rate
        numbers = {name: np.arange(self.examples) % len(names) for name, names in told.items()}
        seconds = np.linspace(0.01, 0.03, self.examples, dtype=np.float32)
        seeds = np.arange(self.examples)
        steps = int(np.ceil(seconds * np.float32(rate)).max())
        uniform = tf.stack([drawn(seed, steps, rate) for seed in seeds])
        codes = np.full((self.examples, 1), SILENT, np.int32)
        for time in range(steps):
            inputs = {"codes": codes, **{name: each.astype(np.int32) for name, each in numbers.items()}}
            logits = self.run.model({name: tf.constant(each) for name, each in inputs.items()}, training=False)
            codes = np.concatenate([codes, chosen(logits[:, -1], uniform[:, time]).numpy()[:, np.newaxis]], axis=1)
        named = {
            "class_name" if name == "class" else name: [told[name][number].encode() for number in each]
            for name, each in numbers.items()
        }
        return [Case("serving_default", {**named, "seed": seeds, "seconds": seconds}, {"codes": codes[:, 1:]})]


EXPORTERS = {("audio", "classification"): _Sounds, ("audio", "autoregression"): _SoundMaker}
