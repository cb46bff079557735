"""Labelled recordings as a source: found, read once, prepared, split by chance, by number or by speaker."""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from kcnn.data import folder, tfds
from kcnn.data.check import Item, left_out, read
from kcnn.data.files import WAV_SUFFIXES
from kcnn.data.pieces import Pieces
from kcnn.data.recorded import RecordingExamples
from kcnn.data.sounds import CODES, AudioPreparation, encoded
from kcnn.data.source import (
    Progress,
    Source,
    check_classes_left,
    check_left,
    fingerprint,
    hold_out,
    set_aside_test,
)
from kcnn.data.wav import wav_file
from kcnn.errors import InputError
from kcnn.layers import LogMel
from kcnn.recipes.audio import Audio


@dataclass(frozen=True)
class Recording:
    """One recording: its file, what that is called without its suffix, its label; and its samples, once it is read."""

    item: Item
    name: str
    label: int
    waveform: np.ndarray = field(default_factory=lambda: np.empty(0, np.float32))


def load(audio: Audio, progress: Progress | None = None) -> Source[Any, AudioPreparation]:
    """The source of a folder of recordings, or of a dataset that has some.

    Raises `DataError` naming the files that cannot be used, `InputError` for splits or conditions that cannot be.
    """
    # One recording at a time is too little for a GPU.
    with tf.device("/cpu:0"):
        return _loaded(audio, progress)


def _loaded(audio: Audio, progress: Progress | None) -> Source[Any, AudioPreparation]:
    classes, found, notes = _found(audio)
    labelled = {name: (part, _labels(part)) for name, part in _splits(audio, found).items()}
    parted, choosing = hold_out(labelled, audio.validation, audio.split_seed)
    told = _told(audio, classes, [one for part, _ in parted.values() for one in part])
    splits, faults = _read(parted, _preparation(audio), progress)
    notes = (*notes, *left_out(faults, audio.bad_files == "skip", "recording"))
    check_left(audio.source, "recordings", splits)
    check_classes_left(audio.source, "recordings", classes, _labels(splits["train"]))
    lengths = [len(one.waveform) for one in splits["train"]]
    longest = min(max(lengths), _piece(audio)) if audio.task == "autoregression" else max(lengths)
    preparation = replace(_preparation(audio), longest=longest, usual=int(np.median(lengths)), told=told)
    make = _labelled if audio.task == "classification" else partial(_pieces, audio)
    digests = {name: [hashlib.sha256(read(one.item)).digest() for one in part] for name, part in splits.items()}
    names = [*classes, *(name for names in told.values() for name in names)]
    return Source(
        address=audio.source,
        classes=classes if audio.task == "classification" else tuple(map(str, range(CODES))),
        splits={name: make(part, preparation) for name, part in splits.items()},
        choosing=choosing,
        preprocessing=preparation,
        digests=digests,
        fingerprint=fingerprint(names, {name: _labels(part).tobytes() for name, part in splits.items()}, digests),
        notes=notes,
        options=_options(audio, told),
    )


def _preparation(audio: Audio) -> AudioPreparation:
    samples = audio.samples if audio.task == "classification" else None
    return AudioPreparation(audio.rate, audio.trim, audio.loudness, samples, longest=1, usual=1)


def _options(audio: Audio, told: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """What the data decide about a network."""
    if audio.task == "classification":
        return {"rate": audio.rate}
    local = {"local": audio.local, "hop": audio.hop} if audio.local else {}
    return {"conditions": {name: len(names) for name, names in told.items()}, **local}


def _found(audio: Audio) -> tuple[tuple[str, ...], dict[str, list[Recording]], tuple[str, ...]]:
    """Classes, the recordings of each split that there is, or of all, and notes."""
    if not audio.source.startswith("tfds:"):
        listed = folder.listed(Path(audio.source), WAV_SUFFIXES, "recordings")
        made = {
            split: [Recording(file, Path(str(file)).stem, int(label)) for file, label in zip(*files, strict=True)]
            for split, files in listed.splits.items()
        }
        return listed.classes, made, listed.notes
    classes, spoken = tfds.recordings(audio.source.removeprefix("tfds:"))
    if list(spoken) == ["train"]:
        spoken = {folder.WHOLE: spoken["train"]}
    return (
        classes,
        {
            split: [Recording(wav_file(one.samples, one.rate), one.name, one.label) for one in part]
            for split, part in spoken.items()
        },
        (),
    )


def _splits(audio: Audio, found: dict[str, list[Recording]]) -> dict[str, list[Recording]]:
    """The user's splits, or train and test.

    Raises `InputError` where there is nothing to cut, or nothing left of a part.
    """
    if folder.WHOLE not in found:
        if audio.test != "drawn":
            raise InputError(
                f"data.test={audio.test} cuts recordings in one piece, and {audio.source} has a train of its own: "
                "data.test=drawn takes it"
            )
        return found
    whole = found[folder.WHOLE]
    if audio.test == "drawn":
        parts = set_aside_test(whole, _labels(whole), audio.split_seed)
        return {name: list(part) for name, (part, _) in parts.items()}
    parsed = [_parsed(audio, one) for one in whole]
    if audio.test == "first":
        aside = [int(each["number"]) < audio.first for each in parsed]
    else:
        known = sorted({each["speaker"] for each in parsed})
        if strange := sorted(set(audio.speakers) - set(known)):
            raise InputError(f"data.speakers must be of {', '.join(known)}, got {strange[0]!r}")
        aside = [each["speaker"] in audio.speakers for each in parsed]
    if all(aside) or not any(aside):
        raise InputError(f"data.test={audio.test} leaves no recordings in {'train' if all(aside) else 'test'}")
    return {
        "train": [one for one, away in zip(whole, aside, strict=True) if not away],
        "test": [one for one, away in zip(whole, aside, strict=True) if away],
    }


def _parsed(audio: Audio, one: Recording) -> re.Match[str]:
    """Speaker and number of a recording. Raises `InputError` where its name does not tell them."""
    match = re.fullmatch(audio.pattern, one.name)
    if not match or not match["speaker"] or not (match["number"] or "").isdecimal():
        without = "data.test=drawn" if audio.test != "drawn" else "data.conditions without the speaker"
        raise InputError(
            f"data.pattern finds no speaker and number in {one.name!r}, the name of a recording: {without} needs none"
        )
    return match


def _told(audio: Audio, classes: tuple[str, ...], recordings: Iterable[Recording]) -> dict[str, tuple[str, ...]]:
    """The names of the labels that are told, by what they say."""
    named: dict[str, tuple[str, ...]] = {}
    if "class" in audio.conditions:
        named["class"] = classes
    if "speaker" in audio.conditions:
        named["speaker"] = tuple(sorted({_parsed(audio, one)["speaker"] for one in recordings}))
        if len(named["speaker"]) < 2:
            raise InputError(f"{audio.source} has one speaker, {named['speaker'][0]}: leave it out of data.conditions")
    return named


def _read(
    splits: Mapping[str, tuple[Sequence[Recording], np.ndarray]],
    preparation: AudioPreparation,
    progress: Progress | None,
) -> tuple[dict[str, list[Recording]], list[str]]:
    """Every recording with its samples, and what is wrong with those that have none."""
    prepared = tf.function(preparation.waveform, input_signature=[tf.TensorSpec([], tf.string)], autograph=False)
    heard: dict[str, list[Recording]] = {name: [] for name in splits}
    faults: list[str] = []
    total, done = sum(len(labels) for _, labels in splits.values()), 0
    for name, (part, _) in splits.items():
        for one in part:
            try:
                heard[name].append(replace(one, waveform=prepared(tf.constant(read(one.item))).numpy()))
            except OSError as error:
                faults.append(f"{one.item!s} ({error.strerror})")
            except tf.errors.InvalidArgumentError as error:
                faults.append(f"{one.item if isinstance(one.item, Path) else one.name} ({reason(error)})")
            done += 1
            if progress and (done % 64 == 0 or done == total):
                progress(done, total)
    return heard, faults


def reason(error: tf.errors.InvalidArgumentError) -> str:
    """What was found wrong in the words of its assertion, which a graph and a single operation report differently."""
    said = re.search(r"assertion failed: \[(.*?)\]\s|Summarized data: b'(.*)'", error.message)
    return said.group(1) or said.group(2) if said else error.message.splitlines()[0]


def _labelled(part: Sequence[Recording], preparation: AudioPreparation) -> RecordingExamples:
    """What a classifier learns from."""
    waveforms = np.stack([preparation.fitted(tf.constant(one.waveform)).numpy() for one in part])
    return RecordingExamples([one.item for one in part], waveforms, _labels(part), preparation)


def _pieces(audio: Audio, part: Sequence[Recording], preparation: AudioPreparation) -> Pieces:
    """What is learned sample by sample; long recordings are cut."""
    step = _piece(audio)
    cut = [
        replace(one, waveform=one.waveform[begin : begin + step])
        for one in part
        for begin in range(0, len(one.waveform), step)
    ]
    numbers = {
        "class": lambda one: one.label,
        "speaker": lambda one: preparation.told["speaker"].index(_parsed(audio, one)["speaker"]),
    }
    mel = LogMel(audio.rate, audio.local, audio.hop) if audio.local else None
    return Pieces(
        codes=[encoded(tf.constant(one.waveform)).numpy().astype(np.uint8) for one in cut],
        conditions={name: np.array([numbers[name](one) for one in cut], np.int64) for name in preparation.told},
        local=[mel(one.waveform[np.newaxis])[0].numpy() for one in cut] if mel else [],
        preparation=preparation,
    )


def _piece(audio: Audio) -> int:
    """The samples of a piece: whole 10 ms."""
    return max(1, audio.samples // audio.hop) * audio.hop


def _labels(part: Sequence[Recording]) -> np.ndarray:
    return np.array([one.label for one in part], np.int64)
