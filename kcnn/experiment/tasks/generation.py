"""Making images: reconstructing them from a code, and drawing new ones."""

from functools import cached_property

import keras
import numpy as np

from kcnn.data.pipeline import Batches, evaluation_batches
from kcnn.experiment import makers
from kcnn.experiment.tasks import Measured, Terms
from kcnn.experiment.tasks.classification import Labelled
from kcnn.plots.figure import Figure
from kcnn.plots.sheets import sheet
from kcnn.training.objectives import Adversarial, Objective, Reconstruction, Variational
from kcnn.training.trainer import Trainer

COLUMNS = 12
"""How many images a row of a sheet has."""

PAIRS = 5
"""How many pairs of images are interpolated between."""

ROWS = 10
"""How many classes, at most, a sheet of samples has."""


class Judged(Labelled):
    """A task that is measured by what its objective reports."""

    objective: Objective

    def reading(self, split: str) -> Batches:
        """The batches that evaluate a split, as large as those of training."""
        return evaluation_batches(self.source.splits[split], self.plan.batch_size, self.replicas)

    def measured(self, trainer: Trainer, split: str) -> Measured:
        """The mean of each value over the split."""
        rows = np.concatenate([row for row, _ in trainer.answers(self.reading(split).dataset)])
        means = rows.astype(np.float64).mean(0)
        return Measured(dict(zip(self.objective.reported, means.tolist(), strict=True)))


class Reconstructing(Judged):
    """An autoencoder: the loss in nats an image. A variational one draws new images, too."""

    def __init__(self, terms: Terms, model: keras.Model):
        super().__init__(terms, model)
        self._variational = isinstance(model.output, dict)
        self.objective = Variational() if self._variational else Reconstruction()

    def draw_epoch(self, trainer: Trainer) -> dict[str, Figure]:
        """Images of what choices are made by (or of the last split) and their reconstructions; ways between them."""
        maker = makers.Reconstructor(trainer.trained, self.source.preprocessing)
        codes = maker.encoded(self._looked_at)
        rows = [("image", self._looked_at), ("reconstruction", maker.decoded(codes))]
        ways = [
            ("", maker.decoded(makers.straight(codes[pair], codes[pair + 1], COLUMNS)))
            for pair in range(0, min(2 * PAIRS, len(codes) - 1), 2)
        ]
        figures = {"reconstructions": sheet(rows)}
        if ways:
            figures["interpolations"] = sheet(ways, "on the line between the codes of two images")
        if self._variational:
            drawn = maker.decoded(makers.drawn(PAIRS * COLUMNS, maker.latent, self.plan.seed))
            rows = [("", drawn[row * COLUMNS : (row + 1) * COLUMNS]) for row in range(PAIRS)]
            figures["samples"] = sheet(rows, "from codes that are drawn")
        return figures

    @cached_property
    def _looked_at(self) -> np.ndarray:
        split = self.source.choosing or list(self.source.splits)[-1]
        examples = self.source.splits[split].some(COLUMNS)
        return examples.images(np.arange(len(examples)))


class Generating(Judged):
    """A generator and a discriminator: new images of every class."""

    def __init__(self, terms: Terms, model: keras.Model):
        super().__init__(terms, model)
        self.objective = Adversarial(self.plan.label_smoothing)

    def draw_epoch(self, trainer: Trainer) -> dict[str, Figure]:
        """Images of each class from the same codes in every epoch, and ways from one code to another."""
        maker = makers.Generator(trainer.trained)
        codes = makers.drawn(COLUMNS, maker.latent, self.plan.seed)
        way = makers.around(codes[0], codes[1], COLUMNS)
        return {
            "samples": sheet(self._rows(maker, codes), "a code a column, a class a row"),
            "interpolations": sheet(self._rows(maker, way), "from one code to another"),
        }

    def _rows(self, maker: makers.Generator, codes: np.ndarray) -> list[tuple[str, np.ndarray]]:
        return [
            (name, maker.decoded(codes, np.full(len(codes), label)))
            for label, name in enumerate(self.source.classes[:ROWS])
        ]
