"""Short recipes for small recordings."""

from pathlib import Path

from kcnn.recipes import Recipe, load, override

_SHARED = {"data.rate": 4000, "data.first": 2, "deterministic": True, "optimizer.lr": 1e-2}
_NAMER = {"filters": 4, "bins": 8, "dropout": 0.0}
_TALKER = {"filters": 8, "skip": 16, "stacks": 1, "levels": 5}
_OWN = {
    "namer": {"data.seconds": 0.2, "epochs": 40, "batch_size": 4, "model.options": _NAMER},
    "talker": {"epochs": 15, "batch_size": 8, "model.options": _TALKER},
}


def recipe(folder: Path, name: str, /, **changes) -> Recipe:
    """The recipe `namer` or `talker`, which is short, of the recordings of a folder."""
    of_library = {"namer": "spectrogram_cnn_digits", "talker": "wavenet_digits"}[name]
    return override(load(of_library), {"name": name, "data.source": str(folder), **_SHARED, **_OWN[name], **changes})
