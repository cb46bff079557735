"""What a first layer learns of photographs are edges of some place, orientation and width: Gabor filters.

The network is the smallest that learns without labels: an autoencoder with one layer of tied weights, whose units are
asked to be silent most of the time. Its kernels see patches of photographs from which the mean and the strength of
each frequency were taken (whitening), as the retina does.
Source: Olshausen and Field 1996; in this form Le, Karpenko, Ngiam, Ng 2011, *ICA with Reconstruction Cost*.
"""

from typing import Any

import keras
import numpy as np
from keras import ops

from kcnn.filters.kernels import gabor
from kcnn.labs.lab import Outcome
from kcnn.labs.photographs import grey_photograph
from kcnn.labs.training import seed_weights
from kcnn.plots.panels import Curves, Picture, panels
from kcnn.seeds import generator

SIDE, COMPONENTS, UNITS, SHOWN = 12, 60, 60, 20
PATCHES = 25_000
"""Of each photograph; the smoother half is left out."""


class TiedAutoencoder(keras.layers.Layer):
    """x (N, components) to h = W x and back to W' h, the rows of W having length 1. Its loss is how active h is."""

    def __init__(self, units: int, **kwargs: Any):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape: Any) -> None:
        """Create W, at random."""
        self.w = self.add_weight(shape=(self.units, input_shape[-1]), initializer="random_normal", name="kernel")
        self.built = True

    def kernel(self) -> Any:
        """W with rows of length 1."""
        return self.w / ops.norm(self.w, axis=1, keepdims=True)

    def call(self, x: Any) -> Any:
        """There and back; log cosh is the absolute value without its corner."""
        kernel = self.kernel()
        answers = ops.matmul(x, ops.transpose(kernel))
        activity = ops.softplus(2 * answers) - answers - np.log(2.0)
        self.add_loss(ops.mean(ops.sum(activity, axis=1)))
        return ops.matmul(answers, kernel)


def measure(epochs: int = 40) -> Outcome:
    """Train on patches of both photographs; find the Gabor filter most like each kernel, before and after."""
    patches = photograph_patches()
    values, vectors = np.linalg.eigh(np.cov(patches.T))
    whitening = (vectors / np.sqrt(values.clip(1e-12)))[:, ::-1][:, :COMPONENTS]
    white = (patches @ whitening).astype(np.float32)
    seed_weights(0)
    layer = TiedAutoencoder(UNITS)
    model = keras.Sequential([keras.Input((COMPONENTS,)), layer])
    model.compile(keras.optimizers.Adam(1e-2), lambda truth, back: ops.sum(ops.square(truth - back), axis=-1))
    before = pixels(layer, whitening)
    if epochs:
        model.fit(white, white, batch_size=1024, epochs=epochs, verbose=0)
    after = pixels(layer, whitening)
    gabors = bank()
    first, alike = (np.abs(unit_rows(kernels) @ gabors.T) for kernels in (before, after))
    numbers = {
        "median_likeness_before": float(np.median(first.max(axis=1))),
        "median_likeness_after": float(np.median(alike.max(axis=1))),
        "kernels_alike_by_0.6_before": float(np.mean(first.max(axis=1) > 0.6)),
        "kernels_alike_by_0.6_after": float(np.mean(alike.max(axis=1) > 0.6)),
    }
    holds = numbers["median_likeness_after"] > 0.6 and numbers["median_likeness_before"] < 0.5
    shown = np.argsort(-alike.max(axis=1))[:SHOWN]
    row = [
        Picture(sheet(before[shown]), "the kernels before training", "signed"),
        Picture(sheet(after[shown]), "the same after it", "signed"),
        Picture(sheet(signed(gabors[alike[shown].argmax(axis=1)], after[shown])), "the nearest Gabors", "signed"),
        Curves(
            range(1, UNITS + 1),
            {"before": np.sort(first.max(axis=1))[::-1], "after": np.sort(alike.max(axis=1))[::-1]},
            "likeness to the nearest Gabor",
            "kernels, the most alike first",
            "cosine",
            bottom=0,
        ),
    ]
    return Outcome(holds, numbers, panels([row], width=3.8, height=3.4))


def photograph_patches() -> np.ndarray:
    """Patches (N, SIDE^2) of the logarithms of both photographs, mean 0 and deviation 1 each."""
    found = []
    for part, name in enumerate(("china", "flower")):
        image = np.log(grey_photograph(name) + 0.05)  # type: ignore[arg-type]
        windows = np.lib.stride_tricks.sliding_window_view(image, (SIDE, SIDE))
        rows, columns = (generator(0, part, axis).integers(0, windows.shape[axis], PATCHES) for axis in (0, 1))
        found.append(windows[rows, columns].reshape(PATCHES, -1))
    patches = np.concatenate(found)
    patches = patches - patches.mean(axis=1, keepdims=True)
    contrast = patches.std(axis=1)
    rough = contrast > np.median(contrast)
    return patches[rough] / contrast[rough, None]


def pixels(layer: TiedAutoencoder, whitening: np.ndarray) -> np.ndarray:
    """The kernels as they act on patches (units, SIDE^2)."""
    return keras.ops.convert_to_numpy(layer.kernel()) @ whitening.T


def bank() -> np.ndarray:
    """Gabor filters (N, SIDE^2) of all orientations, widths, lengths and places, length 1 each."""
    found = []
    for wavelength in (2.5, 3.5, 5, 7, 10):
        for angle in np.arange(12) * np.pi / 12:
            for width, aspect in ((0.4, 1.0), (0.4, 0.5), (0.7, 0.5), (0.7, 1.0)):
                for phase in (0.0, np.pi / 2):
                    whole = gabor(wavelength, angle, width * wavelength, aspect, phase, 2 * SIDE - 1)
                    for top in range(1, SIDE - 1, 2):
                        for left in range(1, SIDE - 1, 2):
                            found.append(whole[top : top + SIDE, left : left + SIDE].ravel())
    return unit_rows(np.array(found))


def unit_rows(rows: np.ndarray) -> np.ndarray:
    """Rows with mean 0 and length 1."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def signed(gabors: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """The filters with the sign of the kernels beside them."""
    return gabors * np.sign((gabors * kernels).sum(axis=1, keepdims=True))


def sheet(kernels: np.ndarray, columns: int = 5) -> np.ndarray:
    """Kernels (N, SIDE^2) as one image, each over its largest value, with a line between them."""
    tiles = kernels.reshape(-1, SIDE, SIDE) / np.abs(kernels).max(axis=1)[:, None, None]
    tiles = np.pad(tiles, [(0, 0), (1, 1), (1, 1)])
    rows = [np.concatenate(list(tiles[start : start + columns]), axis=1) for start in range(0, len(tiles), columns)]
    return np.concatenate(rows)
