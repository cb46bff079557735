"""A 1x1 convolution before a large one saves most of its multiply-adds: the reduction of the inception module.

Source: Szegedy et al. 2015, section 4: module 3a of GoogLeNet sees 28x28x192.
"""

import keras

from kcnn.labs.lab import Outcome
from kcnn.layers import Inception
from kcnn.models.summary import summarise
from kcnn.models.weightless import without_weights
from kcnn.plots.panels import Bars, panels

INPUT = (28, 28, 192)
FILTERS = 32


def measure(reduce: int = 16) -> Outcome:
    """Count a 5x5 convolution with and without a 1x1 before it, and module 3a of GoogLeNet whole, both ways."""
    five = keras.layers.Conv2D(FILTERS, 5, padding="same", name="five")
    direct = multiply_adds(five)
    again = keras.layers.Conv2D(FILTERS, 5, padding="same", name="five")
    reduced = multiply_adds(keras.layers.Conv2D(reduce, 1, name="reduce"), again)
    naive = multiply_adds(Inception(64, 128, 32))
    module = multiply_adds(Inception(64, 128, 32, reduce_threes=96, reduce_fives=16, pool=32))
    numbers = {
        "direct_5x5": direct,
        "reduced_5x5": reduced,
        "times_fewer": direct / reduced,
        "naive_module_3a": naive,
        "reduced_module_3a": module,
    }
    holds = numbers["times_fewer"] > 5 and direct == 28 * 28 * 192 * 25 * 32 and module < naive
    row = [
        Bars({"5x5": direct, f"1x1 to {reduce}, 5x5": reduced}, "5x5 to 32 maps, of 28x28x192", "multiply-adds"),
        Bars({"naive": naive, "reduced": module}, "inception module 3a of GoogLeNet", "multiply-adds"),
    ]
    return Outcome(holds, numbers, panels([row], width=5.0, height=2.6))


def multiply_adds(*layers: keras.layers.Layer) -> int:
    """Those of layers one after another, for one image."""

    def build() -> keras.Model:
        image = x = keras.Input(INPUT)
        for layer in layers:
            x = layer(x)
        return keras.Model(image, x)

    return summarise(without_weights(build)).multiply_adds
