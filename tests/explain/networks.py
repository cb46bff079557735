"""Small networks whose weights are written by hand, so that what an explanation must say is known."""

import keras
import numpy as np
from keras import layers

from kcnn.layers.precision import precision


def linear(weights):
    """Logits = pixels @ weights, for weights (height, width, channels, classes)."""
    *shape, classes = weights.shape
    image = layers.Input(shape)
    dense = layers.Dense(classes, use_bias=False, name="logits")
    model = keras.Model(image, dense(layers.Flatten()(image)), name="linear")
    dense.set_weights([weights.reshape(-1, classes)])
    return model


def blob_detector(size=12):
    """Two classes: the logit of class 1 is the mean of a map that answers bright 3x3 squares, that of class 0 is 0."""
    image = layers.Input((size, size, 1))
    brightness = layers.Conv2D(1, 3, padding="same", activation="relu", name="features")
    logits = layers.Dense(2, use_bias=False, name="logits")
    model = keras.Model(image, logits(layers.GlobalAveragePooling2D()(brightness(image))), name="blob_detector")
    brightness.set_weights([np.ones((3, 3, 1, 1)), np.array([-6.0])])
    logits.set_weights([np.array([[0.0, 40.0]])])
    return model


def blob(row, column, size=12):
    """A dark image (1, size, size, 1) with a bright 3x3 square about a place."""
    image = np.zeros((1, size, size, 1), np.float32)
    image[0, row - 1 : row + 2, column - 1 : column + 2] = 1
    return image


def smooth(seed=0):
    """A network in float64 without kinks, for images (5, 6, 2): its differences can be held against its gradient."""
    keras.utils.set_random_seed(seed)
    with precision("float64"):
        image = layers.Input((5, 6, 2), dtype="float64")
        x = layers.Conv2D(4, 3, activation="tanh", name="features")(image)
        x = layers.Conv2D(3, 2, activation="tanh")(x)
        model = keras.Model(image, layers.Dense(3, name="logits")(layers.Flatten()(x)), name="smooth")
    return model
