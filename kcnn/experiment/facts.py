"""What is known of a run before it is trained. Imported after TensorFlow."""

from typing import Any

import keras

from kcnn.experiment.tasks import Task
from kcnn.models.catalog import EXAMPLES
from kcnn.models.summary import summarise
from kcnn.recipes import Recipe


def known(recipe: Recipe, task: Task, counted: keras.Model, device: str) -> dict[str, Any]:
    """The network and its cost, its data, what it has to beat; `counted` is the network for a usual example."""
    summary, source = summarise(counted), task.source
    blind = {} if task.blind_loss is None else {"blind_loss": task.blind_loss}
    return {
        "model": recipe.model.name,
        "parameters": summary.trainable_parameters,
        "multiply_adds": summary.multiply_adds,
        "receptive_field": summary.receptive_field,
        **blind,
        "device": device,
        "data_fingerprint": source.fingerprint,
        "choosing": source.choosing or "train",
        "classes": len(source.classes),
        "examples": EXAMPLES[recipe.data.kind][1],
        "input_shape": "x".join(map(str, source.typical_shape)),
        **{f"{split}_examples": count for split, count in source.counts.items()},
    }
