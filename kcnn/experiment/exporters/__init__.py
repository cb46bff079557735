"""What a run publishes, by its task: a module of `exporting`, and what it must answer on real examples."""

from kcnn.experiment import tasks
from kcnn.experiment.exporters import images, sequences, sounds, videos
from kcnn.experiment.exporters.exporter import Exporter
from kcnn.recipes import Recipe

_EXPORTERS: dict[tuple[str, str], type[Exporter]] = {
    **images.EXPORTERS,
    **sequences.EXPORTERS,
    **sounds.EXPORTERS,
    **videos.EXPORTERS,
}
"""By the kind of data, and the task."""


def exporter(recipe: Recipe) -> type[Exporter]:
    """What publishes the runs of a recipe."""
    return _EXPORTERS[recipe.data.kind, tasks.of(recipe)]
