"""Reference logits of torchvision's models under weights that are made from the entries' names.

`torchvision.npz`, `torchvision_video.npz` and their `.json` were computed with torchvision 0.29.1,
`torchvision_sizes.npz` with 0.14 at odd sizes, all in float64. Each weight is drawn from a generator seeded with its
name, so that a wrong name or shape gives other numbers.
"""

import json
import zlib
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent / "golden"
ENTRIES, CLIPS = (
    {key: info["keys"] for key, info in json.loads((HERE / name).read_text()).items()}
    for name in ("torchvision.json", "torchvision_video.json")
)
SIZES = np.load(HERE / "torchvision_sizes.npz").files


def expected(key):
    """The logits of `name@size`, float32."""
    kind = "" if key in ENTRIES else "_video" if key in CLIPS else "_sizes"
    return np.load(HERE / f"torchvision{kind}.npz")[key]


def image(shape):
    """The input (N, height, width, channels); it was drawn as (N, channels, height, width). Frames of clips precede."""
    count, *lengths, channels = shape
    drawn = np.random.default_rng(7).standard_normal((count, channels, *lengths))
    return np.moveaxis(drawn, 1, -1).astype("float32")


def weight(name, shape):
    """The entry `name` of a state dict."""
    generator = np.random.default_rng(zlib.crc32(name.encode()))
    if name.endswith("running_var"):
        values = generator.uniform(0.5, 1.5, shape)
    elif name.endswith("running_mean"):
        values = 0.1 * generator.standard_normal(shape)
    elif name.endswith("bias"):
        values = 0.05 * generator.standard_normal(shape)
    elif len(shape) == 1:
        values = generator.uniform(0.5, 1.5, shape)
    else:
        values = generator.standard_normal(shape) * np.sqrt(2 / np.prod(shape[1:]))
    return values.astype("float32")


def compute_in(kind):
    """Build in float32 or float64 from here on. Keras keeps the policy of the first network, whatever floatx says."""
    import keras  # not at the top: make_golden runs where torch is, and Keras need not be

    keras.config.set_floatx(kind)
    keras.config.set_dtype_policy(kind)


def relative(answer, reference):
    """||answer - reference|| / ||reference||."""
    return np.linalg.norm(np.asarray(answer) - reference) / np.linalg.norm(reference)
