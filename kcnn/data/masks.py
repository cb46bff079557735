"""Folders of images and masks as a source: every pair read once, checked, counted, split."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kcnn.data import check
from kcnn.data.borders import IGNORED
from kcnn.data.check import counted, left_out
from kcnn.data.decoding import channels_of, read_image, read_mask
from kcnn.data.masked import Legend, MaskedExamples, Weighing
from kcnn.data.pairs import Pair, Pairs, pairs
from kcnn.data.preprocessing import Preprocessing
from kcnn.data.source import Progress, Source, fingerprint, hold_out, set_aside_test, standardisation
from kcnn.errors import DataError, InputError
from kcnn.recipes.data import Masks, Pixels

UNNAMED = 32
"""How many values of masks are taken for classes without being named."""


@dataclass(frozen=True)
class _Read:
    """A pair after reading: counts of the image's pixel values (channels, 256) and of the mask's; arrays if kept."""

    pair: Pair
    size: tuple[int, int]
    digest: bytes
    histogram: np.ndarray
    values: Mapping[int, int]
    arrays: tuple[np.ndarray, np.ndarray] | None


def load(masks: Masks, progress: Progress | None = None, pixels: Pixels | None = None) -> Source[MaskedExamples]:
    """The source of a folder of images and masks.

    With `pixels` the images are presented so, without it by the statistics of train.
    Raises `DataError` naming the files that cannot be used, `InputError` for folds that cannot be.
    """
    found = pairs(Path(masks.source))
    splits, choosing = hold_out(_splits(masks, found), masks.validation, masks.split_seed)
    channels = masks.channels or _channels(splits["train"][0])
    reader = _Reader(channels, progress, sum(len(items) for items, _ in splits.values()))
    read = {name: reader.split(items) for name, (items, _) in splits.items()}
    notes = [*found.notes, *left_out([*found.faults, *reader.faults], masks.bad_files == "skip", "pair")]
    names, legend, read, more = _understood(masks, _some_left(masks, read))
    shares = _shares(read["train"], legend)
    if absent := [name for name, share in zip(names, shares, strict=True) if not share]:
        more = (*more, f"{masks.source}: no mask of train has the class{'es' * (len(absent) > 1)} {', '.join(absent)}")
    weighing = Weighing(_balance(shares, masks.balanced), masks.border_weight, masks.border_sigma)
    preprocessing = _preprocessing(masks, channels, pixels, read["train"])
    digests = {name: [each.digest for each in part] for name, part in read.items()}
    truth = repr((legend.values, legend.ignore)).encode()
    return Source(
        address=masks.source,
        classes=names,
        splits={name: _examples(part, preprocessing, legend, weighing) for name, part in read.items()},
        choosing=choosing,
        preprocessing=preprocessing,
        digests=digests,
        fingerprint=fingerprint(names, dict.fromkeys(digests, truth), digests),
        notes=(*notes, *more),
    )


class _Reader:
    """Reads pairs, collects their faults, and keeps what fits into memory."""

    def __init__(self, channels: int, progress: Progress | None, total: int):
        self.channels, self.progress, self.total = channels, progress, total
        self.faults: list[str] = []
        self.done = 0

    def split(self, items: Sequence[Pair]) -> list[_Read]:
        """The pairs of one split that can be used."""
        read: list[_Read] = []
        held, keep = 0, True
        for pair in items:
            try:
                one = self._read(pair)
            except DataError as fault:
                self.faults.append(str(fault))
            else:
                # Of the mask there will be class indices (1 byte) and weights (4).
                held += one.size[0] * one.size[1] * (self.channels + 5)
                if keep and held > check.IN_MEMORY:
                    keep, read = False, [replace(each, arrays=None) for each in read]
                read.append(one if keep else replace(one, arrays=None))
            self.done += 1
            if self.progress:
                self.progress(self.done, self.total)
        return read

    def _read(self, pair: Pair) -> _Read:
        image, mask = read_image(pair.image, self.channels), read_mask(pair.mask)
        (height, width), (mask_height, mask_width) = image.shape[:2], mask.shape
        if (mask_height, mask_width) != (height, width):
            raise DataError(f"{pair.mask} ({mask_height} x {mask_width} pixels, its image {height} x {width})")
        histogram = np.stack([np.bincount(channel.ravel(), minlength=256) for channel in np.moveaxis(image, -1, 0)])
        counts = np.bincount(mask.ravel())
        values = {int(value): int(counts[value]) for value in np.flatnonzero(counts)}
        files = [hashlib.sha256(path.read_bytes()).digest() for path in (pair.image, pair.mask)]
        digest = hashlib.sha256(b"".join(files)).digest()
        return _Read(pair, (height, width), digest, histogram, values, (image, mask))


def check_sides(splits: Mapping[str, MaskedExamples], smallest: int, network: str) -> None:
    """Raise `DataError`, naming them, where images have a side below the `smallest` that `network` can take."""
    faults = [
        f"{pair.image} ({height} x {width} pixels)"
        for examples in splits.values()
        for pair, (height, width) in zip(examples.pairs, examples.sizes, strict=True)
        if min(height, width) < smallest
    ]
    if faults:
        count, shown = counted(faults, "image")
        raise DataError(f"{count} cannot be used, {network} needs at least {smallest} pixels a side: {shown}")


def _splits(masks: Masks, found: Pairs) -> dict[str, tuple[Sequence[Pair], np.ndarray]]:
    """The user's splits, or train and test; a pair has no label to draw by."""
    if not found.whole:
        if masks.folds:
            raise InputError(
                f"data.folds cuts a folder in one piece, and {masks.source} has a train/ of its own: data.folds=none"
            )
        return {name: (items, np.zeros(len(items), np.int64)) for name, items in found.splits.items()}
    items = found.splits["all"]
    if not masks.folds:
        return set_aside_test(items, np.zeros(len(items), np.int64), masks.split_seed)
    if masks.folds > len(items):
        raise InputError(f"data.folds must be at most the number of images, {len(items)}, got {masks.folds}")
    test = np.array_split(np.arange(len(items)), masks.folds)[masks.fold]
    parts = {"train": np.setdiff1d(np.arange(len(items)), test), "test": test}
    return {name: ([items[index] for index in part], np.zeros(len(part), np.int64)) for name, part in parts.items()}


def _channels(items: Sequence[Pair]) -> int:
    """Those of the first image that can be read."""
    known = (channels_of(pair.image) for pair in items)
    return next((channels for channels in known if channels), 3)


def _legend(masks: Masks, read: Sequence[_Read]) -> tuple[tuple[str, ...], Legend]:
    """Names of the classes and their values in the masks."""
    found = sorted({value for each in read for value in each.values} - {masks.ignore})
    values = masks.values or tuple(found[: len(masks.classes)] if masks.classes else found)
    shown = ", ".join(map(str, found[:8])) + (", ..." if len(found) > 8 else "")
    if masks.classes and len(values) < len(masks.classes):
        raise DataError(
            f"{masks.source}: data.classes are {len(masks.classes)}, the masks have only the values {shown}"
        )
    if not 2 <= len(values) <= IGNORED:
        raise DataError(f"{masks.source}: the masks have the values {shown}: 2 to {IGNORED} classes can be")
    if len(values) > UNNAMED and not (masks.values or masks.classes):
        raise DataError(
            f"{masks.source}: the masks have {len(values)} values ({shown}), as JPEG and resizing make them: "
            "data.values says which of them stand for classes"
        )
    return masks.classes or tuple(map(str, values)), Legend(values, masks.ignore)


def _understood(
    masks: Masks, read: dict[str, list[_Read]]
) -> tuple[tuple[str, ...], Legend, dict[str, list[_Read]], tuple[str, ...]]:
    """Names of the classes, the legend, the pairs whose masks it explains, and a note on the others."""
    # A class that one fold alone has is one all the same; a value that the user's own test alone has is a slip.
    asked = [each for name, part in read.items() for each in part if masks.folds or name == "train"]
    names, legend = _legend(masks, asked)
    strangers = [fault for part in read.values() for fault in _strangers(part, legend)]
    notes = left_out(strangers, masks.bad_files == "skip", "pair")
    known = {name: [each for each in part if not _unknown(each, legend)] for name, part in read.items()}
    return names, legend, _some_left(masks, known), notes


def _unknown(read: _Read, legend: Legend) -> list[int]:
    """The values in a mask that stand for no class."""
    return sorted(set(read.values) - {*legend.values, legend.ignore})


def _strangers(part: Sequence[_Read], legend: Legend) -> list[str]:
    known = ", ".join(map(str, legend.values))
    return [
        f"{each.pair.mask} (the value {unknown[0]} stands for none of the {len(legend.values)} classes: {known})"
        for each in part
        if (unknown := _unknown(each, legend))
    ]


def _shares(train: Sequence[_Read], legend: Legend) -> np.ndarray:
    """The share of each class in the counted pixels of train."""
    counts: Counter[int] = sum((Counter(each.values) for each in train), Counter())
    by_class = np.array([counts[value] for value in legend.values], np.float64)
    return by_class / max(by_class.sum(), 1.0)


def _balance(shares: np.ndarray, balanced: bool) -> tuple[float, ...]:
    """w_c: 1, or in inverse proportion to the classes' shares, with mean 1 over the pixels; 1 for an absent class."""
    present = shares > 0
    if not balanced:
        return (1.0,) * len(shares)
    return tuple(np.where(present, 1 / (np.where(present, shares, 1) * present.sum()), 1.0).tolist())


def _preprocessing(masks: Masks, channels: int, pixels: Pixels | None, train: Sequence[_Read]) -> Preprocessing:
    plain = Preprocessing(masks.size, masks.size, channels, "cover")
    if pixels:
        return plain.presenting(pixels)
    mean, std = standardisation(np.sum([each.histogram for each in train], axis=0))
    return replace(plain, mean=mean, std=std)


def _examples(
    part: Sequence[_Read], preprocessing: Preprocessing, legend: Legend, weighing: Weighing
) -> MaskedExamples:
    arrays = [(each.arrays[0], legend.indices(each.arrays[1])) for each in part if each.arrays]
    return MaskedExamples(
        pairs=[each.pair for each in part],
        sizes=[each.size for each in part],
        preprocessing=preprocessing,
        legend=legend,
        weighing=weighing,
        arrays=arrays if len(arrays) == len(part) else None,
    )


def _some_left(masks: Masks, read: dict[str, list[_Read]]) -> dict[str, list[_Read]]:
    """The same, after a look that no split is empty."""
    if empty := [name for name, part in read.items() if not part]:
        raise DataError(f"{masks.source}: no images are left in {', '.join(empty)}")
    return read
