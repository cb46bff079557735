"""Labelled clips as a source: found or generated, every file scanned once, cut into splits."""

import hashlib
import math
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from kcnn.data import folder, motions
from kcnn.data.check import counted, left_out
from kcnn.data.files import FRAME_SUFFIXES, VIDEO_SUFFIXES
from kcnn.data.footage import Footage, Stills, filmed
from kcnn.data.preprocessing import Preprocessing
from kcnn.data.signs import SIGNS
from kcnn.data.source import (
    Progress,
    Source,
    check_classes_left,
    check_left,
    fingerprint,
    hold_out,
    set_aside_test,
    standardisation,
)
from kcnn.data.stretches import Made, VideoExamples, VideoPreparation
from kcnn.errors import DataError
from kcnn.recipes.data import Pixels
from kcnn.recipes.video import GENERATED, SIDE, Video

MEASURED = 512
"""The mean and deviation of pixels are those of at most so many clips of train, evenly spread over their order."""

_AT_ONCE = 64 << 20
"""Bytes of stretches that are counted at once, at most: a clip at least."""

Filmed = Footage | Stills
Splits = Mapping[str, tuple[Sequence[Any], np.ndarray]]


def load(
    video: Video, progress: Progress | None = None, pixels: Pixels | None = None
) -> Source[VideoExamples, VideoPreparation]:
    """The source of a folder of clips, or of clips that are generated.

    With `pixels` their frames are presented so, without it by the statistics of train.
    Raises `DataError` naming the clips that cannot be used.
    """
    if video.source in GENERATED:
        return _generated(video, pixels)
    listed = folder.listed(Path(video.source), VIDEO_SUFFIXES, "clips", FRAME_SUFFIXES)
    whole = listed.splits.get(folder.WHOLE)
    splits = set_aside_test(*whole, video.split_seed) if whole else dict(listed.splits)
    parted, choosing = hold_out(splits, video.validation, video.split_seed)
    clips, faults, contents = _scanned(video, parted, progress)
    of_train, _ = clips["train"]
    size = video.size or next((clip.size for clip in of_train), (0, 0))
    if video.size is None:
        clips, others = _of_one_size(clips, size)
        faults += others
    notes = (*listed.notes, *left_out(faults, video.bad_files == "skip", "clip"), *_notes(clips))
    digests = {name: [contents[clip.path] for clip in part] for name, (part, _) in clips.items()}
    return _source(video, listed.classes, clips, choosing, (size, video.colours), pixels, digests, notes)


def _generated(video: Video, pixels: Pixels | None) -> Source[VideoExamples, VideoPreparation]:
    make, classes = {"motions": (motions.motions, motions.MOTIONS), "shapes": (motions.shapes, SIGNS)}[video.source]
    frames, labels = make(video.examples, video.split_seed)
    splits = set_aside_test([Made(clip) for clip in frames], labels, video.split_seed)
    parted, choosing = hold_out(splits, video.validation, video.split_seed)
    digests = {
        name: [hashlib.sha256(clip.pixels.tobytes()).digest() for clip in part] for name, (part, _) in parted.items()
    }
    shape = video.size or (SIDE, SIDE), video.colours
    return _source(video, classes, parted, choosing, shape, pixels, digests, ())


def _source(
    video: Video,
    classes: tuple[str, ...],
    splits: Splits,
    choosing: str | None,
    shape: tuple[tuple[int, int], int],
    pixels: Pixels | None,
    digests: Mapping[str, Sequence[bytes]],
    notes: tuple[str, ...],
) -> Source[VideoExamples, VideoPreparation]:
    """`shape` is the size and the channels of what the network sees."""
    (height, width), channels = shape
    check_left(video.source, "clips", {name: part for name, (part, _) in splits.items()})
    check_classes_left(video.source, "clips", classes, splits["train"][1])
    image = Preprocessing(height, width, channels, video.fit)
    if pixels:
        image = image.presenting(pixels)
    else:
        plain = VideoExamples(*splits["train"], VideoPreparation(video.frames, video.rate, image))
        mean, std = standardisation(_histogram(plain.some(MEASURED)))
        image = replace(image, mean=mean, std=std)
    preparation = VideoPreparation(video.frames, video.rate, image)
    truths = {name: np.asarray(labels, np.int64).tobytes() for name, (_, labels) in splits.items()}
    return Source(
        address=video.source,
        classes=classes,
        splits={name: VideoExamples(part, labels, preparation) for name, (part, labels) in splits.items()},
        choosing=choosing,
        preprocessing=preparation,
        digests=digests,
        fingerprint=fingerprint(classes, truths, digests),
        notes=notes,
    )


def _histogram(examples: VideoExamples) -> np.ndarray:
    """How often each value comes in each channel (channels, 256), in the middle stretches."""
    histogram = np.zeros((examples.preparation.image.channels, 256), np.int64)
    together = max(1, _AT_ONCE // math.prod(examples.preparation.shape))
    for indices in np.array_split(np.arange(len(examples)), -(-len(examples) // together)):
        pixels = examples.inputs(indices)
        for channel in range(len(histogram)):
            histogram[channel] += np.bincount(pixels[..., channel].ravel(), minlength=256)
    return histogram


def _scanned(
    video: Video, splits: Splits, progress: Progress | None
) -> tuple[dict[str, tuple[list[Filmed], np.ndarray]], list[str], dict[Path, bytes]]:
    """What of every split can be decoded, with its labels, what is wrong with the rest, and the digest of each clip."""
    faults: list[str] = []
    contents: dict[Path, bytes] = {}
    found: dict[str, tuple[list[Filmed], np.ndarray]] = {}
    total, done = sum(len(labels) for _, labels in splits.values()), 0
    with ThreadPoolExecutor(os.cpu_count()) as workers:
        for name, (paths, labels) in splits.items():
            clips: list[Filmed] = []
            good: list[int] = []
            for index, clip in enumerate(workers.map(partial(_clip, rate=video.rate), paths)):
                if isinstance(clip, str):
                    faults.append(clip)
                else:
                    clips.append(clip[0])
                    contents[clip[0].path] = clip[1]
                    good.append(index)
                done += 1
                if progress:
                    progress(done, total)
            found[name] = clips, labels[good]
    return found, faults, contents


def _clip(path: Path, rate: float | None) -> tuple[Filmed, bytes] | str:
    """A clip whose every frame was decoded once, and its digest, or what is wrong with it."""
    try:
        clip = filmed(path, rate)
        return clip, clip.digest()
    except DataError as error:
        return str(error)


def _of_one_size(
    splits: Mapping[str, tuple[list[Filmed], np.ndarray]], size: tuple[int, int]
) -> tuple[dict[str, tuple[list[Filmed], np.ndarray]], list[str]]:
    """The clips of that size, and what is wrong with the others."""
    kept, faults = {}, []
    first = f" where the first has {_by(size)}: set data.size"
    for name, (clips, labels) in splits.items():
        good = [index for index, clip in enumerate(clips) if clip.size == size]
        kept[name] = [clips[index] for index in good], labels[good]
        faults += [f"{clip.path} ({_by(clip.size)} pixels{first})" for clip in clips if clip.size != size]
    return kept, faults


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"


def _notes(splits: Mapping[str, tuple[list[Filmed], np.ndarray]]) -> tuple[str, ...]:
    """On clips that are used and have less to them than one would think."""
    clips = [clip for part, _ in splits.values() for clip in part]
    still = [str(clip.path) for clip in clips if clip.moments == 1]
    fewer = [
        f"{clip.path} ({clip.frames} of {clip.promised})"
        for clip in clips
        if isinstance(clip, Footage) and clip.frames < clip.promised
    ]
    told = (
        ("of which one frame is seen, which goes on", still),
        ("of which not every frame can be decoded or is shown", fewer),
    )
    return tuple("{} {what}: {}".format(*counted(names, "clip"), what=what) for what, names in told if names)
