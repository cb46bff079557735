"""Clips: naming them."""

import numpy as np

from kcnn.data.pipeline import Batched, Batches, evaluation_batches, training_batches
from kcnn.experiment.looked_at import FRAMES, looked_at
from kcnn.experiment.tasks import Closing
from kcnn.experiment.tasks.classification import Classifying
from kcnn.plots.figure import Figure
from kcnn.plots.videos import Watched, contact_sheet
from kcnn.training.trainer import Trainer

SHOWN = 8
"""How many clips of the first batch are drawn."""


class NamingClips(Classifying):
    """A class for a clip: training sees a stretch of it that is drawn, an evaluation the middle one."""

    def training(self, epoch: int, start: int) -> Batches:
        """One epoch of augmented stretches, from one batch on."""
        plan, examples = self.plan, self.source.splits["train"]
        return training_batches(
            examples, plan.batch_size, plan.seed, epoch, self.augment, start, self.replicas, draw=examples.drawn
        )

    def batches(self, examples: Batched) -> Batches:
        """The batches that evaluate examples, as large as those of training: clips are too large for more."""
        return evaluation_batches(examples, self.plan.batch_size, self.replicas)

    def closing(self, trainer: Trainer) -> Closing:
        """What the network looks at in some clips of the last split, and when."""
        last = self.source.splits[list(self.source.splits)[-1]]
        return Closing(figures=looked_at(trainer.model, last, self.source.classes, self.plan.batch_size))

    def draw_batch(self) -> Figure:
        """The first clips of the first batch, with their labels."""
        seen, labels, _ = next(iter(self.training(0, 0)))
        names = [self.source.classes[label] for label in np.asarray(labels[:SHOWN])]
        clips = zip(names, seen[:SHOWN].numpy(), strict=True)
        return contact_sheet([Watched(name, frames) for name, frames in clips], most=FRAMES)
