"""Sounds: naming them, and continuing them sample by sample."""

import math
from functools import cache

import keras
import numpy as np

from kcnn.data.sounds import CODES, SILENT, amplitude
from kcnn.data.wav import wav_file
from kcnn.evaluation import blind
from kcnn.evaluation.sounds import LinearPrediction, histogram_bits
from kcnn.experiment.sounder import Sounder
from kcnn.experiment.tasks import Closing, Measured, Terms
from kcnn.experiment.tasks.classification import Classifying, Labelled
from kcnn.plots.figure import Figure
from kcnn.plots.players import Player, page
from kcnn.plots.sounds import sounds
from kcnn.training.sequences import Autoregression
from kcnn.training.trainer import Trainer
from kcnn.workspace import file_name

SHOWN = 8
"""How many recordings of the first batch are drawn."""

MADE = 10
"""How many sounds a trained network makes at most, to be kept with its run."""

SECONDS = 2.0
"""How long each of them is at most."""


class NamingSounds(Classifying):
    """A class for a recording."""

    def draw_batch(self) -> Figure:
        """The first recordings of the first batch, with their labels."""
        seen, labels, _ = next(iter(self.training(0, 0)))
        names = [self.source.classes[label] for label in labels[:SHOWN]]
        return sounds(list(seen[:SHOWN].numpy()), names, self.source.preprocessing.rate)


class Continuing(Labelled):
    """The code of each sample from those before it: bits a sample, beside those of what looks at two, or at none."""

    def __init__(self, terms: Terms, model: keras.Model):
        super().__init__(terms, model)
        train = self.source.splits["train"]
        self.objective = Autoregression(float(train.lengths.mean()))
        self._simple = cache(self._simple_bits)
        self._linear = cache(lambda: LinearPrediction.fitted(train.codes, amplitude, SILENT, CODES))

    @property
    def blind_loss(self) -> float:
        """Of the codes' shares."""
        return blind.labelled_steps(list(self.source.splits["train"].codes))

    def measured(self, trainer: Trainer, split: str) -> Measured:
        """Over all samples of all recordings."""
        loss, count = 0.0, 0.0
        for losses, truth in trainer.answers(self.reading(split).dataset):
            loss += float(np.sum(losses.astype(np.float64) * truth["weights"]))
            count += float(truth["weights"].sum())
        return Measured({"loss": loss / count, "bits": loss / count / math.log(2.0), **self._simple(split)})

    def _simple_bits(self, split: str) -> dict[str, float]:
        """Those of codes as frequent as in train, and of a linear prediction from two samples."""
        codes = self.source.splits[split].codes
        histogram = histogram_bits(self.source.splits["train"].codes, codes, CODES)
        return {"histogram_bits": histogram, "linear_bits": self._linear().bits(codes)}

    def closing(self, trainer: Trainer) -> Closing:
        """A sound for each class, or a few where it is told none, and a page that plays them beside true ones."""
        preparation = self.source.preprocessing
        told = self._sayings()
        true = self.source.splits[list(self.source.splits)[-1]].some(len(told))
        sounder = Sounder(trainer.model, preparation)
        like = amplitude(true.codes[0]) if sounder.local else None
        heard = sounder.sounds(told, min(preparation.usual / preparation.rate, SECONDS), like=like)
        names = [file_name(f"{'_'.join(each.values()) or 'sound'}_{place}.wav") for place, each in enumerate(told)]
        written = [wav_file(sound.astype(np.float32), preparation.rate) for sound in heard]
        files = dict(zip(names, written, strict=True))
        players = [
            Player(f"made: {' '.join(each.values())}", sound, file)
            for each, sound, file in zip(told, heard, files.values(), strict=True)
        ]
        for place, codes in enumerate(true.codes):
            sound = amplitude(codes)
            said = " ".join(names[true.conditions[name][place]] for name, names in preparation.told.items())
            players.append(Player(f"true: {said}", sound, wav_file(sound.astype(np.float32), preparation.rate)))
        return Closing(made=files | {"sounds.html": page(self.recipe.name, players, preparation.rate).encode()})

    def _sayings(self) -> list[dict[str, str]]:
        """What is told about each sound that is made: every class once, the speakers in turn."""
        told = self.source.preprocessing.told
        count = min(MADE, max((len(names) for names in told.values()), default=MADE))
        return [{name: names[place % len(names)] for name, names in told.items()} for place in range(count)]

    def draw_batch(self) -> Figure:
        """The first recordings of the first batch, with what is told about them."""
        _, truth, _ = next(iter(self.training(0, 0)))
        told = self.source.preprocessing.told
        captions = [
            " ".join(names[truth[name][place]] for name, names in told.items())
            for place in range(min(SHOWN, len(truth["values"])))
        ]
        lengths = truth["weights"].numpy().sum(1).astype(int)
        heard = [amplitude(codes[:length]) for codes, length in zip(truth["values"].numpy(), lengths, strict=True)]
        return sounds(heard[:SHOWN], captions, self.source.preprocessing.rate)
