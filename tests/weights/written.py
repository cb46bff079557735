"""Writes whole weight files of torchvision's networks, with numbers of one's own."""

import json
from pathlib import Path

import numpy as np

from kcnn.models import build_without_weights
from kcnn.weights import entries


def torchvision_file(path: Path, name: str, classes: int = 1000, seed: int = 0) -> Path:
    """A safetensors file with random weights of the network `name`, as torchvision would name them."""
    model = build_without_weights(name, classes=classes, like="torchvision")
    generator = np.random.default_rng(seed)
    tensors = {
        key: (np.ones(shape) if key.endswith("running_var") else generator.normal(0, 0.1, shape)).astype("<f4")
        for key, shape in entries(model, "torchvision").items()
    }
    header, place = {}, 0
    for key, array in tensors.items():
        header[key] = {"dtype": "F32", "shape": array.shape, "data_offsets": [place, place + array.nbytes]}
        place += array.nbytes
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(array.tobytes() for array in tensors.values()))
    return path
