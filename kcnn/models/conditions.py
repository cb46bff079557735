"""What a network of sounds is told beside the samples: van den Oord et al. 2016, section 2.5."""

from collections.abc import Mapping
from typing import Any

from keras import layers

from kcnn.layers import OneHot
from kcnn.models.parts import rescaled


class Conditions:
    """The inputs of `labels`, by name, with how many there are of each, and of `local` log-mel energies for every `hop`
    samples.

    `inputs` are a label (N,) each, and `local` (N, T / hop, local), where there are any.
    """

    def __init__(self, labels: Mapping[str, int], local: int, hop: int, steps: int | None):
        self.inputs = {name: layers.Input((), dtype="int32", name=name) for name in labels}
        vectors = [OneHot(count, name=f"{name}_one_hot")(self.inputs[name]) for name, count in labels.items()]
        self._label = (
            layers.Concatenate(name="labels")(vectors) if len(vectors) > 1 else vectors[0] if vectors else None
        )
        self._local, self._hop = None, hop
        if local:
            rows = None if steps is None else -(-steps // hop)
            self.inputs["local"] = layers.Input((rows, local), name="local")
            self._local = rescaled(self.inputs["local"], name="local_rescaled")

    def told(self, x: Any, *, name: str) -> Any:
        """What is told, added to (N, T, C): labels by a linear map, the same at every step, local energies by another.

        The latter are brought to a usual range, and repeated `hop` times.
        """
        filters, added = x.shape[-1], []
        if self._label is not None:
            projected = layers.Dense(filters, use_bias=False, name=f"{name}_label")(self._label)
            added.append(layers.Reshape((1, filters), name=f"{name}_label_row")(projected))
        if self._local is not None:
            projected = layers.Dense(filters, use_bias=False, name=f"{name}_local")(self._local)
            added.append(layers.UpSampling1D(self._hop, name=f"{name}_local_repeat")(projected))
        return layers.Add(name=f"{name}_told")([x, *added]) if added else x
