"""The digits that come with scikit-learn: 1,797 real handwritten digits, 8 x 8 pixels, no download.

Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998 (its test part).
"""

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

from kcnn.data.source import Listing, set_aside_test


def digits(split_seed: int) -> Listing:
    """The digits as PNG files in memory, a fifth of every class set aside as `test`."""
    found = load_digits()
    grey = np.round(found.images * (255 / 16)).astype(np.uint8)[..., np.newaxis]
    items = [bytes(tf.io.encode_png(image).numpy()) for image in grey]
    labels = found.target.astype(np.int64)
    return Listing(
        classes=tuple(str(name) for name in found.target_names),
        splits=set_aside_test(items, labels, split_seed),
        channels=1,
        size=(8, 8),
    )
