"""What every source is: named classes, exact disjoint splits, examples by index."""

import hashlib
from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass, field, replace
from typing import Any, Generic, Protocol

import numpy as np
import tensorflow as tf
from typing_extensions import TypeVar

from kcnn.data.check import Checker, Item, decode_all, read
from kcnn.data.images import Examples
from kcnn.data.preprocessing import Preprocessing, decode_image
from kcnn.errors import DataError
from kcnn.recipes.data import Images, Pixels
from kcnn.seeds import generator

Progress = Callable[[int, int], None]
"""Called with how many examples have been read, and of how many."""

E = TypeVar("E", bound=Sized)
"""The examples of a split: `Examples`, `MaskedExamples`, `SeriesExamples`, `TextExamples`, `VideoExamples`, ..."""


class Preparation(Protocol):
    """From what the user gives to what the network sees: `Preprocessing`, `VideoPreparation`, ..."""

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The shape of one example; None is any size."""

    @property
    def typical_shape(self) -> tuple[int, ...]:
        """That of a usual one."""

    def standardize(self, inputs: tf.Tensor) -> tf.Tensor:
        """A batch as the network sees it."""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""


P = TypeVar("P", bound=Preparation, default=Preprocessing)
"""How a source's examples are made ready."""

T = TypeVar("T")
"""What a listing has of an example before it is decoded."""


@dataclass(frozen=True)
class Source(Generic[E, P]):
    """Images with labels or masks, clips, series, texts, recordings.

    `splits` holds train, then whichever of holdout, val and test there are. Early stopping and every choice use the
    split named by `choosing`, which is a part of train unless the user gives both `val` and `test`: never the split
    that is reported. `classes` name what is answered. `digests` are the SHA-256 of every example, by split; `notes`
    says what was left out. `options` are those of a network that the data decide, such as the size of a vocabulary.
    """

    address: str
    classes: tuple[str, ...]
    splits: Mapping[str, E]
    choosing: str | None
    preprocessing: P
    digests: Mapping[str, Sequence[bytes]]
    fingerprint: str
    notes: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def example_shape(self) -> tuple[int | None, ...]:
        """Height, width and channels of every image, after the frames of a clip; steps and channels of a series; ..."""
        return self.preprocessing.shape

    @property
    def typical_shape(self) -> tuple[int, ...]:
        """The same, with the size of a usual example where any will do."""
        return self.preprocessing.typical_shape

    @property
    def counts(self) -> dict[str, int]:
        """The number of examples in each split."""
        return {name: len(examples) for name, examples in self.splits.items()}

    def to_json(self) -> dict[str, Any]:
        """What it is, without the examples."""
        return {
            "address": self.address,
            "classes": list(self.classes),
            "counts": self.counts,
            "fingerprint": self.fingerprint,
            "preprocessing": self.preprocessing.to_json(),
        }


@dataclass(frozen=True)
class Listing:
    """What a loader found before anything is decoded: class names, and items with labels for each split.

    `size` (height, width) is that of every image, where the loader knows that they have only one.
    """

    classes: tuple[str, ...]
    splits: Mapping[str, tuple[Sequence[Item], np.ndarray]]
    channels: int
    size: tuple[int, int] | None = None
    notes: tuple[str, ...] = ()


def assemble(
    images: Images, listing: Listing, progress: Progress | None = None, pixels: Pixels | None = None
) -> Source[Examples]:
    """The source of a listing: a part of train held out, everything decoded once, statistics, fingerprint.

    With `pixels` the images are presented so, without it by the statistics of train.
    Raises `DataError` for what cannot be decoded, or for images of several sizes where the recipe names none.
    """
    kept = {**listing.splits, "train": limited(*listing.splits["train"], images.per_class, images.split_seed)}
    splits, choosing = hold_out(kept, images.validation, images.split_seed)
    size = listing.size
    if images.size:
        height = width = images.size
    else:
        height, width = size = listing.size or _first_size(images, listing)
    preprocessing = Preprocessing(height, width, images.channels or listing.channels, images.fit)
    if pixels:
        preprocessing = preprocessing.presenting(pixels)
    checker = Checker(preprocessing, size)
    decoded, notes = decode_all(splits, checker, skip=images.bad_files == "skip", progress=progress)
    if not pixels:
        mean, std = standardisation(decoded["train"].histogram)
        preprocessing = replace(preprocessing, mean=mean, std=std)
    examples = {name: Examples(part.items, part.labels, preprocessing, part.pixels) for name, part in decoded.items()}
    check_left(images.source, "images", examples)
    check_classes_left(images.source, "images", listing.classes, examples["train"].labels)
    digests = {name: [hashlib.sha256(read(item)).digest() for item in part.items] for name, part in examples.items()}
    return Source(
        address=images.source,
        classes=listing.classes,
        splits=examples,
        choosing=choosing,
        preprocessing=preprocessing,
        digests=digests,
        fingerprint=fingerprint(listing.classes, {name: _labels(part) for name, part in examples.items()}, digests),
        notes=(*listing.notes, *notes),
    )


def check_left(address: str, what: str, splits: Mapping[str, Sized]) -> None:
    """Raise `DataError` where a split has no examples; `what` they are called in several."""
    if empty := [name for name, part in splits.items() if not len(part)]:
        raise DataError(f"{address}: no {what} are left in {', '.join(empty)}")


def check_classes_left(address: str, what: str, classes: Sequence[str], labels: np.ndarray) -> None:
    """Raise `DataError` where train has no example of a class."""
    if missing := set(range(len(classes))) - set(labels.tolist()):
        names = ", ".join(classes[label] for label in sorted(missing))
        raise DataError(f"{address}: no training {what} are left of {names}")


def hold_out(
    splits: Mapping[str, tuple[Sequence[T], np.ndarray]], share: float, seed: int
) -> tuple[dict[str, tuple[Sequence[T], np.ndarray]], str | None]:
    """The splits with a part of train set aside for choices, and the name of the split to choose by.

    The part is called `val` where the user has none, `holdout` where the user's `val` is what is reported.
    """
    if "val" in splits and "test" in splits:
        return dict(splits), "val"
    items, labels = splits["train"]
    rest, part = share_out(labels, share, seed)
    if not len(part):
        return dict(splits), None
    name = "holdout" if "val" in splits else "val"
    parts = {"train": _take(items, labels, rest), name: _take(items, labels, part)}
    return parts | {key: value for key, value in splits.items() if key != "train"}, name


def limited(items: Sequence[T], labels: np.ndarray, per_class: int | None, seed: int) -> tuple[Sequence[T], np.ndarray]:
    """At most `per_class` examples of every class, drawn with `seed`, in their order."""
    if per_class is None:
        return items, labels
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    drawn = [generator(seed, label, _LIMIT).permutation(found)[:per_class] for label, found in enumerate(members)]
    return _take(items, labels, np.sort(np.concatenate(drawn)))


_LIMIT = 1
"""Distinguishes the draw of `limited` from that of `share_out`."""

TEST_SHARE = 0.2
"""What is set aside as `test` where a dataset comes in one piece."""


def set_aside_test(items: Sequence[T], labels: np.ndarray, seed: int) -> dict[str, tuple[Sequence[T], np.ndarray]]:
    """`train`, and a fifth of every class as `test`; no `test` where that is nothing."""
    train, test = share_out(labels, TEST_SHARE, seed)
    parts = {"train": train, "test": test}
    return {name: _take(items, labels, part) for name, part in parts.items() if len(part)}


def share_out(labels: np.ndarray, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices of two disjoint parts that make the whole: the rest, and `share` of every class, drawn with `seed`.

    Each class keeps at least one example in the rest; both parts are in ascending order.
    """
    chosen = [np.array([], np.int64)]
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        count = min(round(share * len(members)), len(members) - 1)
        chosen.append(generator(seed, int(label)).permutation(members)[:count])
    part = np.sort(np.concatenate(chosen))
    return np.setdiff1d(np.arange(len(labels)), part), part


def standardisation(histogram: np.ndarray) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel, pixels in 0..1, from counts of their values (channels, 256).

    A channel that never varies gets deviation 1, so that it standardises to 0.
    """
    levels = np.arange(256) / 255.0
    mean = histogram @ levels / histogram.sum(1)
    std = np.sqrt(np.maximum(histogram @ levels**2 / histogram.sum(1) - mean**2, 0.0))
    std[std < 1e-6] = 1.0
    return tuple(np.round(mean, 6).tolist()), tuple(np.round(std, 6).tolist())


def fingerprint(classes: Sequence[str], truths: Mapping[str, bytes], digests: Mapping[str, Sequence[bytes]]) -> str:
    """A hash of content: the class names, and by split the truth (labels in order) and each example's digest."""
    digest = hashlib.sha256("\0".join(classes).encode())
    for name, truth in truths.items():
        digest.update(name.encode())
        digest.update(truth)
        for image in digests[name]:
            digest.update(image)
    return digest.hexdigest()[:16]


def _labels(examples: Examples) -> bytes:
    return np.asarray(examples.labels, np.int64).tobytes()


def _take(items: Sequence[T], labels: np.ndarray, indices: np.ndarray) -> tuple[Sequence[T], np.ndarray]:
    return [items[index] for index in indices], labels[indices]


def _first_size(images: Images, listing: Listing) -> tuple[int, int]:
    """Height and width of the first image in train that can be read."""
    for item in listing.splits["train"][0]:
        try:
            height, width, _ = decode_image(read(item), images.channels or listing.channels).shape
        except tf.errors.InvalidArgumentError:
            continue  # decode_all names it
        return height, width
    raise DataError(f"{images.source}: no image in train can be read")
