"""Images of bright discs on a dark ground, with masks, as a folder that a run can learn from."""

from pathlib import Path

import numpy as np
from PIL import Image

SHARED = {
    "data.kind": "masks",
    "data.size": 32,
    "data.overlap": 4,
    "data.values": [0, 255],
    "data.classes": ["ground", "disc"],
    "data.crops": 8,
    "model.name": "unet",
    "model.options": {"base": 4, "padding": "same", "dropout": 0.0},
    "augment": [{"kind": "dihedral"}],
    "optimizer": "adam",
    "optimizer.lr": 1e-2,
    "batch_size": 8,
}
"""Changes to any recipe that make it one for them."""


def write(folder: Path, count: int = 10, height: int = 40, width: int = 48) -> Path:
    """`count` pairs in `folder`/image and `folder`/label, drawn with a seed."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:height, :width]
    for name in ("image", "label"):
        (folder / name).mkdir(parents=True)
    for index in range(count):
        centres = rng.integers(6, (height - 6, width - 6), (3, 2))
        inside = np.any([(rows - r) ** 2 + (columns - c) ** 2 < 25 for r, c in centres], axis=0)
        grey = np.where(inside, 170, 80) + rng.integers(-30, 31, inside.shape)
        Image.fromarray(grey.astype(np.uint8)).save(folder / "image" / f"{index:02}.png")
        Image.fromarray(np.where(inside, 255, 0).astype(np.uint8)).save(folder / "label" / f"{index:02}.png")
    return folder
