"""Files of labelled sentences as a source: every line read once, checked, split, its words numbered."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import tensorflow as tf

from kcnn.data.check import left_out
from kcnn.data.lines import Line, Lines, lines
from kcnn.data.source import Progress, Source, check_left, fingerprint, hold_out, set_aside_test
from kcnn.data.texts import TextExamples
from kcnn.data.words import FIRST, TextPreparation, split, vocabulary
from kcnn.errors import DataError, InputError
from kcnn.recipes.text import Text
from kcnn.seeds import generator

_FOLDS = 2
"""Distinguishes the draw of the folds from those of `limited` and `share_out`."""

Split = tuple[Sequence[Line], np.ndarray]
"""The sentences of a split and their labels (N,), int64."""


def load(text: Text, progress: Progress | None = None) -> Source[TextExamples, TextPreparation]:
    """The source of files of labelled sentences; its vocabulary is that of train without what is held out.

    Raises `DataError` naming the lines that cannot be used, `InputError` for folds or a vocabulary that cannot be.
    """
    found = lines(text)
    classes, known, strangers = _understood(found)
    notes = left_out([*found.faults, *strangers], text.bad_files == "skip", "text")
    _check(text, classes, known)
    splits, choosing = hold_out(_splits(text, classes, known), text.validation, text.split_seed)
    examples, preparation = _numbered(text, splits, progress)
    digests = {name: [hashlib.sha256(one.encode()).digest() for one in part.texts] for name, part in examples.items()}
    truths = {name: part.labels.tobytes() for name, part in examples.items()}
    return Source(
        address=text.source,
        classes=classes,
        splits=examples,
        choosing=choosing,
        preprocessing=preparation,
        digests=digests,
        fingerprint=fingerprint(classes, truths, digests),
        notes=(*found.notes, *notes, *_compared(text, examples)),
        options={"vocabulary": FIRST + len(preparation.words)},
    )


def _understood(found: Lines) -> tuple[tuple[str, ...], dict[str, list[Line]], list[str]]:
    """The classes, the sentences of each split that have one of them, and what is wrong with the others.

    Of a class train has two sentences at least: one of them can be set aside.
    """
    train = next(iter(found.splits.values()))
    counts = Counter(line.label for line in train)
    classes = [label for label in counts if counts[label] > 1]
    by_value = all(map(str.isdecimal, classes))
    classes.sort(key=lambda label: (int(label) if by_value else 0, label))
    known = {split: [line for line in part if counts[line.label] > 1] for split, part in found.splits.items()}
    where = "there is" if found.whole else "train has"
    faults = [
        f"{line.place} ({where} {'only one' if counts[line.label] else 'no'} text of the class {line.label!r})"
        for part in found.splits.values()
        for line in part
        if counts[line.label] < 2
    ]
    return tuple(classes), known, faults


def _check(text: Text, classes: Sequence[str], known: Mapping[str, Sequence[Line]]) -> None:
    """Raise `DataError` where there are no two classes, or nothing in a split."""
    if len(classes) < 2:
        has = f"only the class {classes[0]!r}" if classes else "no class with two texts"
        raise DataError(f"{text.source} has {has}: at least two are needed")
    check_left(text.source, "texts", known)


def _splits(text: Text, classes: Sequence[str], known: Mapping[str, Sequence[Line]]) -> dict[str, Split]:
    """The user's splits, or train and test."""
    numbers = {name: number for number, name in enumerate(classes)}
    splits = {name: (part, np.array([numbers[line.label] for line in part], np.int64)) for name, part in known.items()}
    if "all" not in splits:
        if text.folds:
            raise InputError(
                f"data.folds cuts texts in one piece, and {text.source} has a train of its own: data.folds=none"
            )
        return splits
    items, labels = splits["all"]
    if not text.folds:
        parts = set_aside_test(items, labels, text.split_seed)
        if "test" not in parts:
            raise DataError(
                f"{text.source}: none of {len(items)} texts can be set aside as test: that takes three of a class"
            )
        return parts
    if text.folds > len(items):
        raise InputError(f"data.folds must be at most the number of texts, {len(items)}, got {text.folds}")
    test = fold(labels, text.folds, text.fold, text.split_seed)
    folded = {"train": np.setdiff1d(np.arange(len(items)), test), "test": test}
    return {name: ([items[index] for index in part], labels[part]) for name, part in folded.items()}


def fold(labels: np.ndarray, folds: int, number: int, seed: int) -> np.ndarray:
    """Indices, ascending, of one of so many parts that make the whole: of each class, and in all, equally many.

    Two parts differ by one at most. They are drawn with `seed`.
    """
    members = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    drawn = [generator(seed, label, _FOLDS).permutation(found) for label, found in enumerate(members)]
    return np.sort(np.concatenate(drawn)[number::folds])


def _numbered(
    text: Text, splits: Mapping[str, Split], progress: Progress | None
) -> tuple[dict[str, TextExamples], TextPreparation]:
    """The examples of every split, and the vocabulary of train."""
    spoken = {name: split(tf.constant([line.text for line in part])) for name, (part, _) in splits.items()}
    known = vocabulary(spoken["train"], text.min_count)
    if not known:
        raise InputError(f"data.min_count={text.min_count} leaves no word: none in train is so frequent")
    preparation = TextPreparation(known, longest=int(spoken["train"].bounding_shape()[1]))
    examples: dict[str, TextExamples] = {}
    total = sum(len(labels) for _, labels in splits.values())
    for name, (part, labels) in splits.items():
        numbers = preparation.numbered(spoken[name])
        examples[name] = TextExamples(
            texts=[line.text for line in part],
            labels=labels,
            numbers=numbers.flat_values.numpy(),
            offsets=numbers.row_splits.numpy(),
            preparation=preparation,
        )
        if progress:
            progress(sum(map(len, examples.values())), total)
    return examples, preparation


def _compared(text: Text, examples: Mapping[str, TextExamples]) -> tuple[str, ...]:
    """Notes on what the other splits share with train, and on what they do not."""
    notes = []
    train = set(examples["train"].texts)
    often = f" {text.min_count} times" if text.min_count > 1 else ""
    for name, part in examples.items():
        if name == "train":
            continue
        if strange := part.unknown:
            notes.append(f"{_texts(strange, name)} ha{'ve' if strange > 1 else 's'} no word that train has{often}")
        if twice := sum(one in train for one in part.texts):
            notes.append(f"{_texts(twice, name)} {'are' if twice > 1 else 'is'} in train, too")
    return tuple(f"{text.source}: {note}" for note in notes)


def _texts(count: int, split: str) -> str:
    return f"{count} text{'s' * (count > 1)} of {split}"
