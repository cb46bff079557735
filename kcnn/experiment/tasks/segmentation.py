"""Naming pixels: a class each, learned from random crops, answered tile by tile."""

from collections.abc import Iterator
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from scipy.special import log_softmax, softmax

from kcnn.augment.albumentations import augmenter
from kcnn.data.borders import IGNORED
from kcnn.data.crops import training_crops
from kcnn.data.masked import MaskedExamples
from kcnn.data.masks import check_sides
from kcnn.data.pipeline import Batches, steps_per_epoch
from kcnn.data.tiles import Tiling, evaluation_tiles
from kcnn.evaluation import segmentation
from kcnn.evaluation.confusion import confusion
from kcnn.evaluation.rand_error import RandError
from kcnn.experiment.tasks import Closing, Measured, Terms
from kcnn.models import stride, variant
from kcnn.plots.figure import Figure
from kcnn.plots.overlays import Overlay, overlays, painted
from kcnn.plots.sheets import sheet
from kcnn.training.objectives import Segmentation
from kcnn.training.trainer import Trainer

COLUMNS = 8
"""How many crops of the first batch are drawn."""

HALF = 0.5
"""The threshold of the mask that is answered."""

SHOWN = 3
"""How many images are drawn after every epoch."""


@dataclass(frozen=True)
class Answered:
    """A whole image's answer: logits (H, W, classes), the true classes (H, W), and which of them are counted (H, W)."""

    index: int
    logits: np.ndarray
    truth: np.ndarray
    counted: np.ndarray


class Segmenting:
    """Pixel error, intersection over union, Dice and, for two classes, the Rand error, of whole images.

    The Rand error is that of the mask that is answered, which takes a pixel for a cell from a probability of 0.5 on;
    the best one is the challenge's, at the threshold that is best for the very images it is measured on.
    """

    blind_loss = None

    def __init__(self, terms: Terms, model: keras.Model):
        self.recipe = terms.recipe
        self.plan = terms.recipe.train
        self.source = terms.source
        self.replicas = terms.replicas
        self.objective = Segmentation()
        self.augment = augmenter(self.recipe.augment, self.source.preprocessing.shape)
        self.data = self.recipe.masks
        network = self.recipe.model
        check_sides(self.source.splits, stride(variant(network.name), network.options), network.name)
        self.tiling = Tiling(self.data.size, model.output_shape[1], self.data.overlap)
        crops = len(self.source.splits["train"]) * self.data.crops
        self.steps_per_epoch = steps_per_epoch(crops, self.plan.batch_size)

    def training(self, epoch: int, start: int) -> Batches:
        """One epoch of augmented crops, from one of its batches on."""
        data, plan, examples = self.data, self.plan, self._examples("train")
        return training_crops(
            examples, data.size, data.crops, plan.batch_size, plan.seed, epoch, self.augment, start, self.replicas
        )

    def measured(self, trainer: Trainer, split: str) -> Measured:
        """All measures of a split, each of its pixels counted once."""
        classes = len(self.source.classes)
        examples = self._examples(split)
        counts, losses, pixels = np.zeros((classes, classes), np.int64), 0.0, 0
        rand = RandError() if classes == 2 else None
        for one in self._answers(trainer, examples):
            truth, logits = one.truth[one.counted], one.logits[one.counted]
            counts += confusion(truth, logits.argmax(-1), classes)
            losses += _loss(one, examples.weights(one.index))
            pixels += one.truth.size
            if rand:
                rand.add(np.where(one.counted, one.truth, 0), softmax(one.logits, -1)[..., 1])
        metrics = {
            "accuracy": 1.0 - segmentation.pixel_error(counts),
            "pixel_error": segmentation.pixel_error(counts),
            "loss": losses / pixels,
            "iou": segmentation.mean(segmentation.iou(counts)),
            "dice": segmentation.mean(segmentation.dice(counts)),
        }
        if rand:
            metrics |= {"rand_error": rand.errors[HALF], "best_rand_error": rand.best}
        return Measured(metrics, counts)

    def closing(self, trainer: Trainer) -> Closing:
        """Nothing."""
        return Closing()

    def saved(self, model: keras.Model) -> keras.Model:
        """All of it."""
        return model

    def draw_batch(self) -> Figure:
        """The first crops of the first batch, their masks, and what their pixels weigh, white the most."""
        images, truth, _ = next(iter(self.training(0, 0)))
        shown = images[:COLUMNS].numpy()
        classes, weights = (truth[name][:COLUMNS].numpy() for name in ("classes", "weights"))
        masks = painted(classes, weights > 0, len(self.source.classes))
        rows = [("crop", shown), ("mask", masks)]
        if len(np.unique(weights)) > 1:
            heights = np.round(255 * weights / weights.max()).astype(np.uint8)
            rows.append(("weight", heights[..., np.newaxis]))
        return sheet(rows)

    def draw_epoch(self, trainer: Trainer) -> dict[str, Figure]:
        """A few images of what choices are made by, or of the last split, with truth, answer and faults."""
        examples = self._examples(self.source.choosing or list(self.source.splits)[-1]).some(SHOWN)
        shown = [
            Overlay(examples.names[one.index], examples.image(one.index), one.truth, one.logits.argmax(-1), one.counted)
            for one in self._answers(trainer, examples)
        ]
        return {"overlays": overlays(shown, self.source.classes)}

    def _examples(self, split: str) -> MaskedExamples:
        return self.source.splits[split]

    def _answers(self, trainer: Trainer, examples: MaskedExamples) -> Iterator[Answered]:
        """The answers to whole images, in order, made of those to their tiles."""
        batches = evaluation_tiles(examples, self.tiling, self.plan.batch_size, self.replicas)
        waiting: list[np.ndarray] = []
        answers = (answer for answer, _ in trainer.answers(batches.dataset))
        for index, (height, width) in enumerate(examples.sizes):
            count = self.tiling.count(height, width)
            while sum(map(len, waiting)) < count:
                waiting.append(next(answers))
            tiles = np.concatenate(waiting)
            waiting = [tiles[count:]]
            mask = examples.mask(index)
            counted = mask != IGNORED
            whole = self.tiling.join(tf.constant(tiles[:count]), height, width).numpy()
            yield Answered(index, whole, np.where(counted, mask, 0), counted)


def _loss(one: Answered, weights: np.ndarray) -> float:
    """The weighted cross-entropy, summed over an image's pixels, in nats: what training minimises."""
    logs = log_softmax(one.logits.astype(np.float64), -1)
    return float(-(weights * np.take_along_axis(logs, one.truth[..., np.newaxis].astype(int), -1)[..., 0]).sum())
