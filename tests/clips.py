"""A small network of clips, whose answers depend on which frames it sees and in which order."""

import keras
import numpy as np

from kcnn.data.preprocessing import Preprocessing
from kcnn.data.stretches import VideoExamples, VideoPreparation
from kcnn.experiment import folder
from kcnn.recipes import Recipe
from kcnn.recipes.model import Model
from kcnn.recipes.video import Video
from kcnn.tracking.journal import Journal
from kcnn.workspace import Workspace

CLASSES = ("left", "right", "käfer")
FRAMES, HEIGHT, WIDTH = 4, 8, 6


def preparation(rate: float | None = None, channels: int = 3) -> VideoPreparation:
    mean, std = ((0.4, 0.5, 0.6), (0.2, 0.3, 0.1)) if channels == 3 else ((0.5,), (0.25,))
    return VideoPreparation(FRAMES, rate, Preprocessing(HEIGHT, WIDTH, channels, "cover", mean=mean, std=std))


def network(channels: int = 3, seed: int = 0) -> keras.Model:
    keras.utils.set_random_seed(seed)
    clip = keras.Input((FRAMES, HEIGHT, WIDTH, channels))
    x = keras.layers.Conv3D(4, (2, 3, 3), activation="relu", name="features")(clip)
    logits = keras.layers.Dense(len(CLASSES), name="logits")(keras.layers.Flatten()(x))
    return keras.Model(clip, logits, name="tiny_c3d")


def clips(count: int, frames: int = FRAMES, size: tuple[int, int] = (HEIGHT, WIDTH), channels: int = 3, seed: int = 0):
    return np.random.default_rng(seed).integers(0, 256, (count, frames, *size, channels), np.uint8)


class Shown:
    """A clip in memory, in colours or in grey: pixels (frames, height, width, channels), uint8."""

    def __init__(self, pixels: np.ndarray):
        self.pixels = pixels

    @property
    def moments(self) -> int:
        return len(self.pixels)

    def seen(self, first: int, count: int, channels: int) -> np.ndarray:
        return self.pixels[first : first + count]


def examples(count: int = 5, rate: float | None = None, channels: int = 3) -> VideoExamples:
    """Clips that are longer than the network sees, as long, and shorter; the network's size and larger."""
    lengths, sizes = (FRAMES, FRAMES + 3, 2), ((HEIGHT, WIDTH), (11, 13))
    shown = [Shown(clips(1, lengths[place % 3], sizes[place % 2], channels, place)[0]) for place in range(count)]
    return VideoExamples(shown, np.arange(count) % len(CLASSES), preparation(rate, channels))


def finished(workspace: Workspace, rate: float | None = None, channels: int = 3) -> str:
    """The name of a run that has such a network; that it was never trained does not show."""
    # The recipe's network is one of the catalog: nobody asks it for more than its name here.
    found = folder.new(workspace, Recipe(name="clips", data=Video(source="motions"), model=Model(name="lenet5")))
    source = {"classes": list(CLASSES), "preprocessing": preparation(rate, channels).to_json(), "fingerprint": "0"}
    found.write("source", source)
    network(channels).save(found.model)
    journal = Journal(found.path)
    journal.start()
    journal.finish("FINISHED")
    return found.name
