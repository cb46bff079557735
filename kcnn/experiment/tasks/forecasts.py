"""Saying how dated series go on: rolling forecasts, what they are held against, and intervals around them."""

import re
from collections.abc import Iterator, Mapping, Sequence

import keras
import numpy as np

from kcnn.data.forecasts import ForecastExamples, ForecastPreparation
from kcnn.evaluation import blind
from kcnn.evaluation.forecasts import autoregression, mase, mean_change
from kcnn.evaluation.intervals import Intervals, conformal
from kcnn.experiment.forecast_panels import Stretch, drawn
from kcnn.experiment.forecaster import Forecaster
from kcnn.experiment.tasks import Closing, Measured, Terms
from kcnn.experiment.tasks.classification import Labelled
from kcnn.plots.figure import Figure
from kcnn.plots.series import traces
from kcnn.training.sequences import Forecasting
from kcnn.training.trainer import Trainer

SHOWN = 6
"""How many windows of the first batch are drawn."""

ROLLING, LEADING, FANS = 120, 60, 3
"""Steps of one-step forecasts that are drawn; those before the first of so many fans."""

Forecasts = Mapping[str, np.ndarray]
"""Levels (origins, steps ahead, targets) by who says them; "truth" is NaN beyond the split."""


class ForecastingSeries(Labelled):
    """The mean absolute scaled error of levels, one step ahead and several, beside those of two simple answers.

    `naive` says that levels stay as they are; `ar` is an autoregression of each target by itself, fitted to train.
    Intervals come from the errors on the split that choices are made by; what they hold is measured on test.

    A network that answers by all there was before, an LSTM, is shown all of it for `loss` and `mase`, in one pass. For
    what comes with the end of a training, the errors of a series and of several steps and the intervals, it is shown as
    much as a training window has, as when it is asked: there the mean of the series' errors is a little another.
    """

    def __init__(self, terms: Terms, model: keras.Model):
        super().__init__(terms, model)
        self.preparation: ForecastPreparation = self.source.preprocessing
        self.objective = Forecasting(float(self.preparation.length))
        train = self._split("train").levels
        self.scale = mean_change(train)[: self.preparation.targets]
        self.steps = self.recipe.forecast.horizon
        changes = self.preparation.changed(train)[:, : self.preparation.targets]
        self.simple = [autoregression(of_target) for of_target in changes.T]

    @property
    def blind_loss(self) -> float:
        """Of always saying the medians."""
        return blind.medians(self._split("train").whole().truths)

    def measured(self, trainer: Trainer, split: str) -> Measured:
        """The absolute error of what the network answers, and the scaled one of levels, over every step once."""
        examples = self._split(split).whole()
        (answered, truth), *_ = trainer.answers(self.batches(examples).dataset)
        counted = truth["weights"][0] > 0
        answers = answered[0, counted]
        errors = np.abs(answers.astype(np.float64) - truth["values"][0, counted])
        before = examples.levels[examples.first - 1 : -1, : self.preparation.targets]
        levels = self.preparation.moved(before, self.preparation.plain(answers))
        return Measured({"loss": float(errors.mean()), "mase": float(self._errors(levels, examples).mean())})

    def closing(self, trainer: Trainer) -> Closing:
        """Errors of a series and of several steps, what the simple answers reach, intervals, and forecasts drawn."""
        forecaster = Forecaster(trainer.model, self.preparation)
        metrics: dict[str, float] = {}
        found = {split: self._forecasts(forecaster, self._split(split)) for split in self.source.splits}
        for split, forecasts in found.items():
            metrics |= {f"{split}_{name}": value for name, value in self._compared(forecasts)}
        intervals = self._intervals(found[self.source.choosing]) if self.source.choosing else None
        last = list(found)[-1]
        if intervals and last != self.source.choosing:
            held = intervals.held(self._distances(found[last]))
            metrics |= {f"{last}_{name}": value for name, value in self._held(intervals.coverages, held)}
        kept = {"intervals": intervals.to_json()} if intervals else {}
        return Closing(metrics, self._drawn(self._split(last), found[last], intervals), kept)

    def draw_batch(self) -> Figure:
        """The first windows of the first batch, standardised changes of every series."""
        seen, _, _ = next(iter(self.training(0, 0)))
        return traces(self.preparation.standardize(seen[:SHOWN]).numpy(), [""] * SHOWN)

    def _split(self, split: str) -> ForecastExamples:
        return self.source.splits[split]

    def _errors(self, levels: np.ndarray, examples: ForecastExamples) -> np.ndarray:
        return mase(levels, examples.levels[examples.first :, : self.preparation.targets], self.scale)

    def _forecasts(self, forecaster: Forecaster, examples: ForecastExamples) -> Forecasts:
        """From every origin whose next step is in the split, up to `steps` ahead; of train only one step."""
        levels, targets = examples.levels, self.preparation.targets
        origins = np.arange(examples.first - 1, len(levels) - 1)
        steps = 1 if examples is self._split("train") else self.steps
        places = np.add.outer(origins, np.arange(1, steps + 1))
        beyond = places >= len(levels)
        truth = levels[np.minimum(places, len(levels) - 1), :targets]
        return {
            "truth": np.where(beyond[..., np.newaxis], np.nan, truth),
            "": forecaster.ahead(levels, origins, steps),
            "naive": np.repeat(levels[origins, np.newaxis, :targets], steps, 1),
            "ar": self._simple(levels, origins, steps),
        }

    def _simple(self, levels: np.ndarray, origins: np.ndarray, steps: int) -> np.ndarray:
        """Of the autoregressions."""
        targets = self.preparation.targets
        changes = self.preparation.changed(levels)[:, :targets]
        pairs = zip(self.simple, changes.T, strict=True)
        answers = np.stack([model.ahead(of_target, origins - 1, steps) for model, of_target in pairs], -1)
        found = [levels[origins, :targets]]
        for step in range(steps):
            found.append(self.preparation.moved(found[-1], answers[:, step]))
        return np.stack(found[1:], 1)

    def _compared(self, forecasts: Forecasts) -> Iterator[tuple[str, float]]:
        """Scaled errors by name: the mean over the targets, then, behind a slash, those of one and of more steps."""
        truth = forecasts["truth"]
        for who in ("", "naive", "ar"):
            of_steps = [mase(forecasts[who][:, step], truth[:, step], self.scale) for step in range(truth.shape[1])]
            name = f"{who}_mase".lstrip("_")
            if who:
                yield name, float(of_steps[0].mean())
            for target, value in zip(_plain(self.source.classes), of_steps[0], strict=True):
                yield f"{name}/{target}", float(value)
            for steps in sorted({self.steps // 2, self.steps} - {0, 1}):
                if steps <= len(of_steps):
                    yield f"{name}/ahead {steps}", float(of_steps[steps - 1].mean())

    def _distances(self, forecasts: Forecasts) -> np.ndarray:
        return self.preparation.distance(forecasts["truth"], forecasts[""])

    def _held(self, coverages: Sequence[float], held: np.ndarray) -> Iterator[tuple[str, float]]:
        """The shares (coverages, steps ahead, targets) by name, of one step and of the most; none that is not known."""
        for coverage, of_steps in zip(coverages, held.mean(-1), strict=True):
            name = f"coverage_{100 * coverage:g}"
            for key, share in ((name, of_steps[0]), (f"{name}/ahead {self.steps}", of_steps[-1])):
                if not np.isnan(share):
                    yield key, float(share)

    def _intervals(self, forecasts: Forecasts) -> Intervals:
        return conformal(self._distances(forecasts))

    def _drawn(
        self, examples: ForecastExamples, forecasts: Forecasts, intervals: Intervals | None
    ) -> dict[str, Figure]:
        """The end of a split: what was said of each step the step before, and of several from a few origins."""
        said = forecasts[""]
        count = len(said)
        shown = min(ROLLING, count)
        rolling = [Stretch(examples.first + count - shown, said[-shown:, 0], fan=False)]
        begins = np.unique(np.linspace(count - shown, max(count - self.steps, 0), FANS).astype(int))
        fans = [Stretch(examples.first + begin, said[begin, : count - begin]) for begin in begins.tolist()]
        levels = examples.levels
        times = np.arange(1, len(levels) + 1) if examples.dates is None else np.array(examples.dates)
        terms = (self.source.classes, levels, times)
        return {
            "one_step": drawn(*terms, rolling, self.preparation, intervals, leading=0),
            "several_steps": drawn(*terms, fans, self.preparation, intervals, LEADING),
        }


def _plain(names: Sequence[str]) -> list[str]:
    """Names of series as a tracker takes them in the names of measures, all different."""
    plain = [re.sub(r"[^\w.-]", "_", name, flags=re.ASCII) for name in names]
    return plain if len(set(plain)) == len(plain) else [f"{number} {name}" for number, name in enumerate(plain, 1)]
