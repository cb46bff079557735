"""What a finished run hands back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kcnn.recipes import Recipe


@dataclass(frozen=True)
class Result:
    """What came of a run. Accuracies in 0..1 for the splits there are; `facts` as recorded."""

    run: str
    recipe: Recipe
    metrics: dict[str, float]
    facts: dict[str, Any]
    seconds: float
    paths: dict[str, str]

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {"run": self.run, "metrics": self.metrics, "seconds": self.seconds, "paths": self.paths}

    def stored(self) -> dict[str, Any]:
        """As a run's folder keeps it, for `restored`."""
        return self.to_json() | {"facts": self.facts}

    @classmethod
    def restored(cls, recipe: Recipe, stored: Mapping[str, Any]) -> "Result":
        """The result that was `stored`."""
        return cls(recipe=recipe, **stored)
