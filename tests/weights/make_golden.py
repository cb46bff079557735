"""Makes torchvision's reference logits; needs torch and torchvision, which kcnn does not.

python -m tests.weights.make_golden NAME@HxW [NAME@HxW ...]   writes torchvision_sizes.npz into the current folder
"""

import sys

import numpy as np
import torch
from torchvision import models

from tests.weights.golden import image, weight


def logits(key):
    """Those of one image for `name@HxW` or `name:width@HxW`."""
    named, size = key.split("@")
    name, _, width = named.partition(":")
    options = {"width_mult": float(width)} if width else {}
    if name == "googlenet":
        options = {"aux_logits": True, "init_weights": False, "transform_input": False}
    model = getattr(models, name)(weights=None, **options)
    state = model.state_dict()
    drawn = {k: torch.from_numpy(weight(k, tuple(v.shape))) for k, v in state.items() if "num_batches" not in k}
    model.load_state_dict(state | drawn)
    x = torch.from_numpy(image((1, *map(int, size.split("x")), 3)).transpose(0, 3, 1, 2).copy())
    with torch.no_grad():
        return model.double().eval()(x.double()).numpy().astype("float32")


if __name__ == "__main__":
    np.savez_compressed("torchvision_sizes.npz", **{key: logits(key) for key in sys.argv[1:]})
