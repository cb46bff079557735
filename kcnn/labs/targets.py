"""A small network that knows the digits 0 to 4, and what it is to learn next: the digits 5 to 9, or photographs."""

from functools import cache
from typing import Any

import keras
import numpy as np
from scipy import ndimage

from kcnn.filters.edges import sobel
from kcnn.labs.photographs import NAMES, grey_photograph
from kcnn.labs.training import Dataset, Learner, digits, seed_weights, trained
from kcnn.layers.block import Norm, conv
from kcnn.models.parts import mean_classifier, tap
from kcnn.seeds import generator
from kcnn.transfer.cut import pooled

SIDE, CLASSES, MAPS = 16, 5, 32
"""Every stage has as many maps, so that of two taps none has more numbers for a classifier to go by."""

NORM: Norm = {"kind": "batch", "momentum": 0.9}
"""Statistics that follow within the few steps that few images make."""

STRIDES = {"stage1": 2, "stage2": 1, "stage3": 2, "stage4": 1}

TRAIN, TEST = 144, 100
"""Patches of each orientation; of each digit there are as many to learn from."""

STRONG, CLEAR, STEP = 75, 0.5, 2
"""The percentile that a patch's gradients pass, how much of them goes one way, in 0..1, and the pixels to the next."""


class Task(Dataset):
    """Images of whatever kind, with labels that are counted from 0."""

    def few(self, per_class: int, seed: int) -> "Task":
        """The same with so many training images of each class, drawn at random."""
        order = generator(seed, 3).permutation(len(self.train))
        drawn = np.concatenate([order[self.train_labels[order] == label][:per_class] for label in range(CLASSES)])
        return Task(self.train[drawn], self.train_labels[drawn], self.test, self.test_labels)


@cache
def task(first: int) -> Task:
    """Of the embedded digits, 16x16, five from `first` on."""
    known = digits(factor=2)
    parts: list[np.ndarray] = []
    for images, labels in ((known.train, known.train_labels), (known.test, known.test_labels)):
        ours = (labels >= first) & (labels < first + CLASSES)
        parts += [images[ours], labels[ours] - first]
    return Task(*parts)


@cache
def orientations() -> Task:
    """Patches 16x16 of two photographs, each stretched to all greys, and which way, of five, their edges run.

    Those to learn from lie in the left half of each photograph, those of test in the right one.
    """
    return Task(*(part for half, count in enumerate((TRAIN, TEST)) for part in _patches(half, count)))


def _patches(half: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """So many patches (N, 16, 16, 1), uint8, of each orientation from one half of the photographs, and labels."""
    found, labels = [], []
    for name in NAMES:
        image = grey_photograph(name)
        image = np.ascontiguousarray(image[:, half * image.shape[1] // 2 :][:, : image.shape[1] // 2])
        windows = np.lib.stride_tricks.sliding_window_view(image, (SIDE, SIDE))[::STEP, ::STEP]
        angle, clear = _structure(image)
        found.append(windows[clear])
        labels.append(np.round(angle[clear] / np.pi * CLASSES).astype(np.int64) % CLASSES)
    patches, ways = np.concatenate(found), np.concatenate(labels)
    order = generator(0, half).permutation(len(ways))
    drawn = np.concatenate([order[ways[order] == way][:count] for way in range(CLASSES)])
    least, most = (found(patches[drawn], axis=(1, 2), keepdims=True) for found in (np.min, np.max))
    stretched = np.round(255 * (patches[drawn] - least) / (most - least)).astype(np.uint8)
    return stretched[..., np.newaxis], ways[drawn]


def _structure(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """By patch the angle across its edges in 0..pi, and whether it has edges, and most of them run one way.

    Both are read from the structure tensor, the mean over the patch of the gradients' products.
    """
    gradient = sobel(image)
    xx, xy, yy = (
        ndimage.uniform_filter(product, SIDE)[SIDE // 2 : 1 - SIDE // 2, SIDE // 2 : 1 - SIDE // 2][::STEP, ::STEP]
        for product in (gradient.dx**2, gradient.dx * gradient.dy, gradient.dy**2)
    )
    strength = xx + yy
    one_way = np.hypot(xx - yy, 2 * xy) / np.maximum(strength, 1e-12)
    return np.arctan2(2 * xy, xx - yy) / 2 % np.pi, (one_way > CLEAR) & (strength > np.percentile(strength, STRONG))


def network() -> keras.Model:
    """A stem and four stages of a convolution each, about 38,000 parameters."""
    image = keras.Input((SIDE, SIDE, 1), name="image")  # (16, 16, 1)
    x = tap(conv(image, MAPS, 3, norm=NORM, name="stem_block"), "stem")  # (16, 16, 32)
    for name, strides in STRIDES.items():  # (8, 8, 32) twice, (4, 4, 32) twice
        x = tap(conv(x, MAPS, 3, strides, norm=NORM, name=f"{name}_block1"), name)
    return keras.Model(image, mean_classifier(x, CLASSES), name="small")


@cache
def source(epochs: int, seed: int) -> Learner:
    """The network once it has learned the digits 0 to 4."""
    seed_weights(seed)
    known = task(0)
    return trained(network(), known.train, known.train_labels, epochs, seed)


def copied(learner: Learner) -> keras.Model:
    """A network with the same weights, to be changed."""
    model = network()
    model.set_weights(learner.model.get_weights())
    return model


def features(learner: Learner, images: np.ndarray, layers: list[str]) -> dict[str, Any]:
    """What the layers answer to images, by name: (N, C), maps as their mean over the places."""
    answers = pooled(learner.model, layers)(learner.seen(images), training=False)
    return {name: keras.ops.convert_to_numpy(answer) for name, answer in answers.items()}
