"""A network trained on digits within a lab: the trainer of every run, without a record."""

import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from kcnn.augment.albumentations import augmenter
from kcnn.data import address
from kcnn.data.images import Examples
from kcnn.data.pipeline import steps_per_epoch, training_batches
from kcnn.data.preprocessing import Preprocessing
from kcnn.data.source import Source, standardisation
from kcnn.evaluation import accuracy
from kcnn.experiment import tasks
from kcnn.experiment.listener import Listener
from kcnn.models import build
from kcnn.recipes import Recipe
from kcnn.recipes.augment import Transform
from kcnn.recipes.data import Images
from kcnn.recipes.optimize import Adam, Cosine, Optimizer, Schedule
from kcnn.recipes.train import Train
from kcnn.seeds import generator
from kcnn.training.forgetting import forgotten_gradients
from kcnn.training.losses import cross_entropy
from kcnn.training.pace import Pace
from kcnn.training.strategies import strategy
from kcnn.training.trainer import Trainer

ADAM, COSINE = Adam(lr=2e-3), Cosine()

CENTRED_SIDE = 16
"""Twice the side of a digit: room to move it by four pixels."""


@dataclass(frozen=True)
class Dataset:
    """Images (N, H, W, 1), uint8, and labels (N,), int64, to learn from and to be asked about."""

    train: np.ndarray
    train_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray


@cache
def digits(factor: int = 1) -> Dataset:
    """The embedded digits, none held out: 8x8, or so many times as large."""
    train, test = address.load(Images(source="digits", validation=0.0)).splits.values()
    return Dataset(
        *(part for each in (train, test) for part in (enlarged(each.images(np.arange(len(each))), factor), each.labels))
    )


def enlarged(images: np.ndarray, factor: int = 2) -> np.ndarray:
    """Images (N, H, W, C) so many times as large: every pixel a square."""
    return images.repeat(factor, 1).repeat(factor, 2)


def placed(images: np.ndarray, side: int, rows: np.ndarray | int = 0, columns: np.ndarray | int = 0) -> np.ndarray:
    """Images (N, H, W, 1) on black ones of `side` pixels: in the middle, moved by so many pixels, all alike or each."""
    count, height, width, _ = images.shape
    canvas = np.zeros((count, side, side, 1), images.dtype)
    tops = (side - height) // 2 + np.broadcast_to(rows, count)
    lefts = (side - width) // 2 + np.broadcast_to(columns, count)
    for image, top, left, target in zip(images, tops, lefts, canvas, strict=True):
        target[top : top + height, left : left + width] = image
    return canvas


class Learner:
    """A network, the preprocessing that its training images gave it, and what each epoch of its training came to.

    `history` has the means of loss and accuracy over the training images, as they were when each was learned from.
    """

    def __init__(self, model: keras.Model, preprocessing: Preprocessing, history: Sequence[Mapping[str, float]]):
        self.model = model
        self.preprocessing = preprocessing
        self.history = history

    def seen(self, images: np.ndarray) -> np.ndarray:
        """Images (N, H, W, C), uint8, as the network sees them."""
        return np.asarray(self.preprocessing.standardize(tf.constant(images)))

    def logits(self, images: np.ndarray) -> np.ndarray:
        """What it answers (N, classes)."""
        return keras.ops.convert_to_numpy(self.model(self.seen(images), training=False))

    def logits_as_in_training(self, images: np.ndarray) -> np.ndarray:
        """The same, normalised by the batch, which are all these images; the running means stay as they are."""
        own = self.model
        answer, _ = own.stateless_call(
            own.trainable_variables, own.non_trainable_variables, self.seen(images), training=True
        )
        return keras.ops.convert_to_numpy(answer)

    def accuracy(self, images: np.ndarray, labels: np.ndarray) -> float:
        """The share that is rightly named."""
        return accuracy.accuracy(self.logits(images), labels)

    def loss(self, images: np.ndarray, labels: np.ndarray) -> float:
        """The mean cross-entropy."""
        return float(tf.reduce_mean(cross_entropy()(labels, self.logits(images))))


def trained(
    model: keras.Model,
    images: np.ndarray,
    labels: np.ndarray,
    epochs: int,
    seed: int = 0,
    optimizer: Optimizer = ADAM,
    schedule: Schedule = COSINE,
    batch: int = 64,
    augment: Sequence[Transform] = (),
    preprocessing: Preprocessing | None = None,
    pace: Pace | None = None,
) -> Learner:
    """Train `model` on images (N, H, W, C), uint8, and labels (N,); equal seeds, equal batches.

    Without a `preprocessing`, that of other images, these are standardised by their own mean and deviation.
    """
    preprocessing = preprocessing or standardising(images)
    examples = Examples([], labels, preprocessing, images)
    plan = Train(epochs=epochs, batch_size=batch, seed=seed)
    transform = augmenter(augment, images.shape[1:])

    def batches(epoch: int, start: int) -> tf.data.Dataset:
        return training_batches(examples, plan.batch_size, seed, epoch, transform, start).dataset

    with tempfile.TemporaryDirectory() as folder, forgotten_gradients():
        trainer = Trainer(
            model,
            plan,
            optimizer,
            schedule,
            preprocessing.standardize,
            strategy(),
            steps_per_epoch(len(labels), plan.batch_size),
            Path(folder),
            threading.Event(),
            pace,
        )
        progress = trainer.fit(batches, None, Listener())
    return Learner(model, preprocessing, progress.history)


def learned(model: keras.Model, recipe: Recipe, source: Source[Any, Any]) -> float:
    """Train a classifier of whatever examples as its recipe says, without a record; the share of `test` that it names.

    What the model is may differ from the recipe's; what its answers are for, how it is trained and on what may not.
    """
    task = tasks.implementation(recipe)(tasks.Terms(recipe, source, 1), model)

    def batches(epoch: int, start: int) -> tf.data.Dataset:
        return task.training(epoch, start).dataset

    with tempfile.TemporaryDirectory() as folder, forgotten_gradients():
        trainer = Trainer(
            model,
            recipe.train,
            recipe.optimizer,
            recipe.schedule,
            source.preprocessing.standardize,
            strategy(),
            task.steps_per_epoch,
            Path(folder),
            objective=task.objective,
        )
        trainer.fit(batches, None, Listener())
        return task.measured(trainer, "test").metrics["accuracy"]


def standardising(images: np.ndarray) -> Preprocessing:
    """What brings images (N, H, W, C), uint8, to mean 0 and deviation 1 in each channel."""
    histogram = np.stack([np.bincount(channel.ravel(), minlength=256) for channel in np.moveaxis(images, -1, 0)])
    mean, std = standardisation(histogram)
    height, width, channels = images.shape[1:]
    return Preprocessing(height, width, channels, "cover", mean, std)


def seed_weights(seed: int) -> None:
    """Draw the same first weights, and the same batches, every time."""
    keras.utils.set_random_seed(int(generator(seed, 1).integers(2**31)))


def first_weights(name: str, side: int, seed: int, **options: Any) -> keras.Model:
    """The network of that name for digits on images of `side` pixels; equal seeds, equal weights."""
    seed_weights(seed)
    return build(name, (side, side, 1), classes=10, **options)


def centred(name: str, epochs: int | None = None) -> Learner:
    """A network without dropout that has learned the digits in the middle of images of 16x16; learned once."""
    usual, rate, batch = (15, 2e-3, 64) if name == "mlp" else (4, 1e-3, 32)
    return _centred(name, epochs or usual, rate, batch)


@cache
def _centred(name: str, epochs: int, rate: float, batch: int) -> Learner:
    known = digits()
    model, images = first_weights(name, CENTRED_SIDE, seed=0, dropout=0.0), placed(known.train, CENTRED_SIDE)
    return trained(model, images, known.train_labels, epochs, optimizer=Adam(lr=rate), batch=batch)
