"""Naming texts."""

from kcnn.data.words import FIRST, PADDING
from kcnn.experiment.tasks.classification import Classifying
from kcnn.plots.figure import Figure
from kcnn.plots.texts import Worded, page

SHOWN = 8
"""How many texts of the first batch are drawn."""


class NamingTexts(Classifying):
    """A class for a text."""

    def draw_batch(self) -> Figure:
        """The first texts of the first batch word by word, with their labels."""
        seen, labels, _ = next(iter(self.training(0, 0)))
        known = dict(enumerate(self.source.preprocessing.words, FIRST))
        shown = [
            Worded(self.source.classes[label], [known.get(number, "?") for number in numbers if number != PADDING])
            for numbers, label in zip(seen[:SHOWN].numpy(), labels[:SHOWN].numpy(), strict=True)
        ]
        return page(shown, "As the network sees them; ? is a word that it does not know.")
