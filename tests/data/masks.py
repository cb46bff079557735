"""Images with masks as files, and what is read from them."""

import numpy as np
from PIL import Image

from kcnn.data import address
from kcnn.recipes.data import Masks


def load(path, **options):
    return address.load(Masks(source=str(path), **{"size": 16} | options))


def write(path, pixels, mode=None):
    Image.fromarray(np.asarray(pixels), mode).save(path)


def every(source):
    return [name for part in source.splits.values() for name in part.names]
