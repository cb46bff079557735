"""How the neocognitron learns: without labels and gradients, the winners among its S-cells are reinforced."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from kcnn.errors import InputError
from kcnn.layers.c_cells import CCells
from kcnn.layers.s_cells import SCells
from kcnn.seeds import generator

COLUMN = 5
"""The side of an S-column; a smaller plane is one column."""


def self_organise(
    model: keras.Model,
    images: np.ndarray,
    rounds: int = 20,
    shift: int = 2,
    speeds: Sequence[float] = (1.0, 16.0, 16.0),
    seed: int = 0,
) -> None:
    """Teach a neocognitron, in place, to tell the images (n, height, width, channels) apart; there are no labels.

    The S-layers learn one after the other, each at its speed q. In each of a layer's `rounds` every image is
    presented once, in a random order, moved by up to `shift` pixels up or down and left or right; what leaves the
    image is lost. Equal seeds give equal weights. A model that has learned goes on from its weights.
    Raises InputError where the model has no S-cells, for other speeds than it has S-layers, and for images that are
    none, of another shape than the model's, or not of numbers in 0..1.
    Source: Fukushima 1980, section 3, and the simulation's 20 presentations at random places and q = 1, 16, 16.
    Chosen here: how far the images move, and that a layer waits until the one before it has learned.
    Not every seed tells the five digits apart: two sometimes end in one plane. The settings above, and the model's
    decays and gains, were chosen on those digits.
    """
    cells = [layer for layer in model.layers if isinstance(layer, SCells | CCells)]
    stages = [layer for layer in cells if isinstance(layer, SCells)]
    if not stages or len(speeds) != len(stages):
        raise InputError(f"{len(speeds)} speeds for {len(stages)} layers of S-cells: give one speed a layer")
    if rounds < 1 or shift < 0:
        raise InputError(f"rounds must be at least 1 and shift at least 0, got {rounds} and {shift}")
    pictures = _checked(images, model.input_shape[1:])
    for stage, (layer, speed) in enumerate(zip(stages, speeds, strict=True)):
        before = cells[: cells.index(layer)]
        for number in range(rounds):
            draws = generator(seed, stage, number)
            for index in draws.permutation(len(pictures)):
                x = moved(pictures[index], *draws.integers(-shift, shift, size=2, endpoint=True))[None]
                for cell in before:
                    x = cell(x)
                winners = representatives(keras.ops.convert_to_numpy(layer(x))[0])
                reinforce(layer, x, winners, speed)


def _checked(images: Any, shape: tuple[int, ...]) -> np.ndarray:
    pictures = np.asarray(images)
    if pictures.ndim != 1 + len(shape) or pictures.shape[1:] != shape:
        raise InputError(f"images must be (n, {', '.join(map(str, shape))}), got {pictures.shape}")
    if not len(pictures):
        raise InputError("there are no images to learn from")
    if pictures.dtype.kind not in "buif":
        raise InputError(f"images must be numbers, got {pictures.dtype}")
    # Written so that NaN fails too.
    if not ((pictures >= 0) & (pictures <= 1)).all():
        raise InputError(f"images must be in 0..1, got {pictures.min()} to {pictures.max()}")
    return pictures.astype("float32")


def moved(image: np.ndarray, down: int, right: int) -> np.ndarray:
    """The image (height, width, channels) moved by whole pixels; zeros come in, and what leaves is lost."""
    height, width, _ = image.shape
    margin = max(abs(down), abs(right))
    padded = np.pad(image, ((margin, margin), (margin, margin), (0, 0)))
    return padded[margin - down :, margin - right :][:height, :width]


def representatives(responses: np.ndarray, side: int = COLUMN) -> dict[int, tuple[int, int]]:
    """The place (row, column) of the representative of each plane that has one; responses (height, width, planes).

    An S-column is a window of `side` x `side` places through all the planes; columns overlap, one at every place
    where it fits. The strongest cell of each column, if it responds at all, is a candidate of its plane; a plane's
    strongest candidate represents it.
    """
    height, width, _ = responses.shape
    columns = sliding_window_view(responses, (min(side, height), min(side, width)), (0, 1))
    winners: dict[int, tuple[int, int]] = {}
    for top, left in np.ndindex(columns.shape[:2]):
        column = columns[top, left]
        plane, down, right = map(int, np.unravel_index(column.argmax(), column.shape))
        place = top + down, left + right
        rival = responses[winners[plane]][plane] if plane in winners else 0
        if responses[place][plane] > rival:
            winners[plane] = place
    return winners


def reinforce(layer: SCells, inputs: Any, winners: dict[int, tuple[int, int]], speed: float) -> None:
    """Add q c u_C to `a` and q/2 v_C to `b` of each winner's plane, u_C and v_C as its winner sees them.

    `inputs` is one example (1, height, width, inputs). All the cells of a plane have one `a` and one `b`, and so
    they all learn what their representative saw.
    """
    a, b = map(np.array, layer.get_weights())
    inhibition = keras.ops.convert_to_numpy(layer.inhibition(inputs))[0, :, :, 0]
    edge = (layer.padding, layer.padding)
    padded = np.pad(keras.ops.convert_to_numpy(inputs)[0], (edge, edge, (0, 0)))
    size = layer.kernel_size
    for plane, (row, column) in winners.items():
        a[..., plane] += speed * layer.c * padded[row : row + size, column : column + size]
        b[plane] += speed / 2 * inhibition[row, column]
    layer.set_weights([a, b])
