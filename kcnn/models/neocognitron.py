"""The neocognitron: Fukushima 1980, the first network of alternating feature detection and blurring."""

from collections.abc import Callable, Sequence

import keras
import numpy as np
from keras import layers

from kcnn.layers.c_cells import CCells
from kcnn.layers.s_cells import SCells

PLANES = 24
"""Of each of the first two pairs (in the paper, of the third too)."""

# The digits 0 to 4 that the network is taught, drawn in the manner of figure 6 (not a copy of it dot by dot).
DIGITS = """
..####.. ....#... ..####.. ..####.. .....#..
.#....#. ...##... .#....#. .#....#. ....##..
#......# ..#.#... #......# #......# ...#.#..
#......# ....#... .......# .......# ..#..#..
#......# ....#... .......# ......#. .#...#..
#......# ....#... ......#. ...###.. #....#..
#......# ....#... ....##.. ......#. ########
#......# ....#... ..##.... .......# .....#..
#......# ....#... .#...... #......# .....#..
.#....#. ....#... #....... .#....#. .....#..
..####.. ....#... ######## ..####.. .....#..
"""


def digits() -> np.ndarray:
    """The five pictures (5, 16, 16, 1): 1 where there is ink, 0 elsewhere, in the middle of the image."""
    pictures = np.array([[list(digit) for digit in row.split()] for row in DIGITS.split("\n") if row])
    ink = (pictures.swapaxes(0, 1) == "#").astype("float32")  # (5, 11, 8)
    return np.pad(ink, ((0, 0), (2, 3), (4, 4)))[..., None]


def neocognitron(input_shape: Sequence[int], classes: int, name: str) -> keras.Model:
    """Images (N, 16, 16, 1) of 0..1 to the planes of the last C-layer (N, classes), each in 0..1: no logits.

    `classes` is the number of planes of the last pair: how many patterns the network can tell apart. Which
    plane will stand for which pattern is settled by `kcnn.training.neocognitron`, without labels. A fresh
    network answers almost nothing. With larger images the last C-layer has several places, and a plane's answer
    is the largest of them.

    From the paper: the pairs, the planes and their sizes, the 5x5 and 2x2 windows, the selectivities 4, 1.5, 1.5
    and alpha 0.5. Chosen here: that C1 and C2 see every place at which their window meets the S-plane at all, and
    keep every other one, which is what turns 16 into 10 and 8 into 6; that S2 has one row of zeros around its
    input, which turns 10 into 8; and how fast the fixed weights fall with |v|.
    """
    image = layers.Input(input_shape, name="image")  # (16, 16, 1)
    x = SCells(PLANES, 5, selectivity=4.0, padding=2, decay=0.7, name="s1")(image)  # (16, 16, 24)
    x = CCells(5, strides=2, padding=4, gain=4.0, name="c1")(x)  # (10, 10, 24)
    x = SCells(PLANES, 5, selectivity=1.5, padding=1, decay=0.9, name="s2")(x)  # (8, 8, 24)
    x = CCells(5, strides=2, padding=4, name="c2")(x)  # (6, 6, 24)
    x = SCells(classes, 5, selectivity=1.5, decay=0.7, name="s3")(x)  # (2, 2, classes)
    x = CCells(2, name="c3")(x)  # (1, 1, classes)
    x = layers.GlobalMaxPooling2D(dtype="float32", name="planes")(x)  # classes
    return keras.Model(image, x, name=name)


BUILDERS: dict[str, Callable[..., keras.Model]] = {"neocognitron": neocognitron}
