"""Clips by index, as stretches of so many frames: the middle one of each, or one that is drawn."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import tensorflow as tf

from kcnn.data.preprocessing import Preprocessing
from kcnn.data.taken import middle, spread

TOGETHER = 1 << 22
"""Bytes of frames that are fitted together, which is faster than one by one: those of 16 frames of 240 x 320."""


class Clip(Protocol):
    """What has frames to be seen, one at each of its moments: `Footage`, `Stills` or `Made`."""

    @property
    def moments(self) -> int:
        """How many there are."""

    def seen(self, first: int, count: int, channels: int) -> Iterable[np.ndarray]:
        """The frames (height, width, channels), uint8, at `count` moments from the number `first` on."""


@dataclass(frozen=True)
class Made:
    """A clip in memory: `pixels` (frames, height, width, 1), uint8."""

    pixels: np.ndarray

    @property
    def moments(self) -> int:
        """Each frame is one."""
        return len(self.pixels)

    def seen(self, first: int, count: int, channels: int) -> np.ndarray:
        """`count` frames (count, height, width, channels), uint8, from the number `first` on."""
        return np.repeat(self.pixels[first : first + count], channels, axis=-1)


@dataclass(frozen=True)
class VideoPreparation:
    """From a clip to what the network sees: `frames` frames, `rate` of them a second, each made ready as an `image`."""

    frames: int
    rate: float | None
    image: Preprocessing

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Frames, height, width and channels."""
        return self.frames, *self.image.shape

    @property
    def typical_shape(self) -> tuple[int, int, int, int]:
        """The same: all stretches have one size."""
        return self.shape

    def standardize(self, clips: tf.Tensor) -> tf.Tensor:
        """Clips (N, frames, height, width, channels), uint8, as float32; the mean of train gets 0, its deviation 1."""
        return self.image.standardize(clips)

    def stretch(self, frames: Iterable[np.ndarray]) -> np.ndarray:
        """Frames of any size (height, width, channels), uint8, as they come, as (frames, height, width, channels).

        Where there are too few, the last goes on.
        """
        stretch = np.empty(self.shape, np.uint8)
        count = 0
        for group in _grouped(frames):
            stretch[count : count + len(group)] = self._fitted(np.stack(group))
            count += len(group)
        stretch[count:] = stretch[count - 1]
        return stretch

    def _fitted(self, frames: np.ndarray) -> np.ndarray:
        height, width, _ = self.image.shape
        if frames.shape[1:3] == (height, width) and self.image.crop == 1:
            return frames
        # A few frames are too little for a GPU.
        with tf.device("/cpu:0"):
            return self._fit(tf.constant(frames)).numpy()

    @cached_property
    def _fit(self) -> Any:
        """One graph for frames of all sizes: an operation at a time would take several times as long."""
        signature = [tf.TensorSpec([None, None, None, self.image.channels], tf.uint8)]
        return tf.function(self.image.fitted, input_signature=signature, autograph=False)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"kind": "video", "frames": self.frames, "rate": self.rate, "image": self.image.to_json()}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "VideoPreparation":
        """The inverse of `to_json`."""
        return cls(values["frames"], values["rate"], Preprocessing.from_json(values["image"]))


def _grouped(frames: Iterable[np.ndarray]) -> Iterator[list[np.ndarray]]:
    """Frames one after another of one size, as many as are fitted together, or one where it is larger than that."""
    group: list[np.ndarray] = []
    for frame in frames:
        if group and (frame.shape != group[0].shape or (len(group) + 1) * frame.nbytes > TOGETHER):
            yield group
            group = []
        group.append(frame)
    if group:
        yield group


@dataclass(frozen=True)
class VideoExamples:
    """The clips of one split and their `labels` (N,), int64. What is in files is decoded when it is asked for."""

    clips: Sequence[Clip]
    labels: np.ndarray
    preparation: VideoPreparation

    def __len__(self) -> int:
        return len(self.clips)

    @property
    def signature(self) -> tuple[tf.TensorSpec, tf.TensorSpec]:
        """The structure of a batch: stretches and labels."""
        return tf.TensorSpec((None, *self.preparation.shape), tf.uint8), tf.TensorSpec((None,), tf.int64)

    @property
    def lengths(self) -> None:
        """All stretches have one."""

    def inputs(self, indices: np.ndarray) -> np.ndarray:
        """The middle stretches (len(indices), frames, height, width, channels), uint8."""
        moments = (self.clips[index].moments for index in indices)
        return self._stretches(indices, [middle(count, self.preparation.frames).start for count in moments])

    def drawn(self, indices: np.ndarray, draw: np.random.Generator) -> np.ndarray:
        """Stretches that begin anywhere, each beginning as likely, of the same shape."""
        return self._stretches(indices, [int(draw.integers(self._room(index) + 1)) for index in indices])

    def truth(self, indices: np.ndarray) -> np.ndarray:
        """The labels (len(indices),), int64."""
        return self.labels[indices]

    def some(self, count: int) -> "VideoExamples":
        """At most `count` of them, evenly spread over their order."""
        chosen = spread(len(self), count)
        return replace(self, clips=[self.clips[index] for index in chosen], labels=self.labels[chosen])

    def _room(self, index: int) -> int:
        """The last moment at which a stretch can begin."""
        return max(0, self.clips[index].moments - self.preparation.frames)

    def _stretches(self, indices: np.ndarray, begins: Sequence[int]) -> np.ndarray:
        made = np.empty((len(indices), *self.preparation.shape), np.uint8)
        for row, index, begin in zip(made, indices, begins, strict=True):
            clip = self.clips[index]
            count = min(self.preparation.frames, clip.moments - begin)
            row[:] = self.preparation.stretch(clip.seen(begin, count, self.preparation.image.channels))
        return made
