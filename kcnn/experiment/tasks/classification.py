"""Naming: a label an image, a clip, a series, a text or a recording."""

import keras
import numpy as np

from kcnn.augment.albumentations import augmenter
from kcnn.data.pipeline import Batched, Batches, evaluation_batches, steps_per_epoch, training_batches
from kcnn.evaluation import blind
from kcnn.evaluation.accuracy import accuracy, cross_entropy
from kcnn.evaluation.confusion import confusion
from kcnn.experiment.tasks import Closing, Measured, Terms
from kcnn.models.cuts import without_heads
from kcnn.plots.figure import Figure
from kcnn.plots.images import contact_sheet
from kcnn.training.losses import cross_entropy as loss
from kcnn.training.objectives import Classification
from kcnn.training.trainer import Trainer

SHOWN = 16
"""How many images of the first batch are drawn."""


class Labelled:
    """What the tasks have in common whose examples are whole: images, clips, series, texts, recordings."""

    def __init__(self, terms: Terms, model: keras.Model):
        self.recipe = terms.recipe
        self.plan = terms.recipe.train
        self.source = terms.source
        self.replicas = terms.replicas
        augment = self.recipe.augment
        self.augment = augmenter(augment, self.source.preprocessing.shape) if augment else None
        self.steps_per_epoch = steps_per_epoch(len(self.source.splits["train"]), self.plan.batch_size)

    @property
    def blind_loss(self) -> float | None:
        """None: nothing to be beaten is known."""
        return None

    def training(self, epoch: int, start: int) -> Batches:
        """One epoch of augmented batches, from one of them on."""
        plan, examples = self.plan, self.source.splits["train"]
        return training_batches(examples, plan.batch_size, plan.seed, epoch, self.augment, start, self.replicas)

    def reading(self, split: str) -> Batches:
        """The batches that evaluate a split."""
        return self.batches(self.source.splits[split])

    def batches(self, examples: Batched) -> Batches:
        """The batches that evaluate examples, larger than those of training where they are of one size."""
        size = self.plan.batch_size
        return evaluation_batches(examples, size if examples.lengths is not None else max(size, 256), self.replicas)

    def closing(self, trainer: Trainer) -> Closing:
        """Nothing."""
        return Closing()

    def saved(self, model: keras.Model) -> keras.Model:
        """All of it."""
        return model

    def draw_batch(self) -> Figure:
        """The first images of the first batch, with their labels."""
        seen, labels, _ = next(iter(self.training(0, 0)))
        names = [self.source.classes[label] for label in labels[:SHOWN]]
        return contact_sheet(seen[:SHOWN].numpy(), names)

    def draw_epoch(self, trainer: Trainer) -> dict[str, Figure]:
        """Nothing."""
        return {}


class Classifying(Labelled):
    """Accuracy and cross-entropy of logits; auxiliary heads learn and are not kept."""

    def __init__(self, terms: Terms, model: keras.Model):
        super().__init__(terms, model)
        self.objective = Classification(loss(self.plan.label_smoothing, self.plan.rubbish))

    @property
    def blind_loss(self) -> float:
        """Of the classes' shares."""
        return blind.classes(self.source.splits["train"].truth(np.arange(len(self.source.splits["train"]))))

    def measured(self, trainer: Trainer, split: str) -> Measured:
        """Accuracy, loss, and which class is taken for which."""
        logits, labels = trainer.logits(self.reading(split).dataset)
        metrics = {"accuracy": accuracy(logits, labels), "loss": cross_entropy(logits, labels)}
        return Measured(metrics, confusion(labels, logits.argmax(-1), len(self.source.classes)))

    def saved(self, model: keras.Model) -> keras.Model:
        """Without the heads that only training needs."""
        return without_heads(model)
