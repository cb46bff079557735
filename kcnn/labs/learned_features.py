"""What a first layer learns of photographs are edges of some place, orientation and width: Gabor filters.

The network is the smallest that learns without labels: a sparse autoencoder, one layer of tied weights whose units are
asked to be silent most of the time. Its kernels see patches of photographs from which the mean and the strength of
each frequency were taken (whitening), as the retina does.
Source: Olshausen and Field 1996; in this form Le, Karpenko, Ngiam, Ng 2011, *ICA with Reconstruction Cost*.
"""

from typing import Any

import keras
import numpy as np
from keras import ops
from scipy import ndimage

from kcnn.filters.kernels import gabor
from kcnn.labs.lab import Outcome
from kcnn.labs.photographs import NAMES, grey_photograph
from kcnn.labs.training import seed_weights
from kcnn.plots.figure import Figure
from kcnn.plots.images import mosaic
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
    """Train on patches of both photographs; see how like a Gabor filter kernels are, and what is merely smooth."""
    patches = photograph_patches()
    values, vectors = np.linalg.eigh(np.cov(patches.T))
    components = vectors[:, ::-1][:, :COMPONENTS]
    whitening = components / np.sqrt(values[::-1][:COMPONENTS])
    seed_weights(0)
    layer = TiedAutoencoder(UNITS)
    model = keras.Sequential([keras.Input((COMPONENTS,)), layer])
    model.compile(keras.optimizers.Adam(1e-2), lambda truth, back: ops.sum(ops.square(truth - back), axis=-1))
    before = pixels(layer, whitening)
    white = (patches @ whitening).astype(np.float32)
    if epochs:
        model.fit(white, white, batch_size=1024, epochs=epochs, verbose=0)
    after, gabors = pixels(layer, whitening), bank()
    kinds = {"after": after, "before": before, "components": components.T, "smooth_noise": smooth_noise()}
    alike = {name: np.abs(unit_rows(kernels) @ gabors.T) for name, kernels in kinds.items()}
    best = {name: np.sort(cosines.max(axis=1))[::-1] for name, cosines in alike.items()}
    numbers = {f"median_likeness_{name}": float(np.median(cosines)) for name, cosines in best.items()}
    others = max(value for name, value in numbers.items() if name != "median_likeness_after")
    holds = numbers["median_likeness_after"] > max(0.65, others + 0.1)
    return Outcome(holds, numbers, drawn(before, after, gabors, alike["after"], best))


def drawn(
    before: np.ndarray, after: np.ndarray, gabors: np.ndarray, alike: np.ndarray, best: dict[str, np.ndarray]
) -> Figure:
    """The kernels most alike to Gabor filters, what they were before, the filters; and all likenesses."""
    shown = np.argsort(-alike.max(axis=1))[:SHOWN]
    nearest = signed(gabors[alike[shown].argmax(axis=1)], after[shown])
    row = [
        Picture(sheet(before[shown]), f"{SHOWN} kernels before training", "signed"),
        Picture(sheet(after[shown]), f"after it: the most alike of {UNITS}", "signed"),
        Picture(sheet(nearest), "the Gabor filter nearest to each", "signed"),
        Curves(
            range(1, UNITS + 1),
            {name.replace("_", " "): cosines for name, cosines in best.items()},
            "likeness to the nearest Gabor filter",
            "kernels, the most alike first",
            "cosine",
            bottom=0,
        ),
    ]
    return panels([row], width=3.8, height=3.4)


def photograph_patches() -> np.ndarray:
    """Patches (N, SIDE^2) of the logarithms of both photographs, mean 0 and deviation 1 each."""
    found = []
    for part, name in enumerate(NAMES):
        image = np.log(grey_photograph(name) + 0.05)
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


def smooth_noise() -> np.ndarray:
    """Blurred noise (UNITS, SIDE^2): what has no orientation, but hangs together."""
    noise = generator(0, 2).normal(size=(UNITS, 3 * SIDE, 3 * SIDE))
    return ndimage.gaussian_filter(noise, (0, 1.5, 1.5))[:, SIDE : 2 * SIDE, SIDE : 2 * SIDE].reshape(UNITS, -1)


def bank() -> np.ndarray:
    """Gabor filters (N, SIDE^2) of many orientations, wavelengths, lengths and places, length 1 each.

    No wave is longer than half of a patch, so that what is merely smooth is like none of them.
    """
    found = []
    for wavelength in (2.5, 3, 3.5, 4, 5, 6):
        for angle in np.arange(12) * np.pi / 12:
            for width, aspect in ((0.56, 0.5), (0.56, 0.25), (0.8, 0.5)):
                for phase in np.arange(4) * np.pi / 4:
                    whole = gabor(wavelength, angle, width * wavelength, aspect, phase, 2 * SIDE - 1)
                    for top in range(1, SIDE - 1, 2):
                        for left in range(1, SIDE - 1, 2):
                            found.append(whole[top : top + SIDE, left : left + SIDE].ravel())
    return unit_rows(np.array(found, np.float32))


def unit_rows(rows: np.ndarray) -> np.ndarray:
    """Rows with mean 0 and length 1."""
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def signed(gabors: np.ndarray, kernels: np.ndarray) -> np.ndarray:
    """The filters with the sign of the kernels beside them."""
    return gabors * np.sign((gabors * kernels).sum(axis=1, keepdims=True))


def sheet(kernels: np.ndarray) -> np.ndarray:
    """Kernels (N, SIDE^2) as one image, each over its largest value."""
    return mosaic(kernels.reshape(-1, SIDE, SIDE) / np.abs(kernels).max(axis=1)[:, None, None])
