"""Networks of series, of dated ones and of texts."""

import numpy as np
import tensorflow as tf

from kcnn.data.source import Source
from kcnn.experiment import tasks
from kcnn.experiment.exporters.exporter import Exporter, named
from kcnn.experiment.forecaster import Forecaster
from kcnn.experiment.trained import Trained
from kcnn.exporting.forecasts import Continuation
from kcnn.exporting.series import Labeller, Predictor, Reader, Regressor, SeriesClassifier
from kcnn.exporting.texts import TextClassifier
from kcnn.exporting.verify import Case
from kcnn.recipes import Recipe


class _Series(Exporter):
    """By the question."""

    def module(self) -> Reader:
        kinds = {
            "classification": SeriesClassifier,
            "regression": Regressor,
            "labelling": Labeller,
            "prediction": Predictor,
        }
        return kinds[tasks.of(self.recipe)](self.run.model, self.run.preprocessing, self.run.classes)

    def cases(self) -> list[Case]:
        """A series each: they may differ in length. What is missing is asked as the mean, for which it stands."""
        return [self._case(np.asarray(values, np.float32)) for values in self.shown.values]

    def _case(self, values: np.ndarray) -> Case:
        mean = np.asarray(self.run.preprocessing.mean, np.float32)
        series = np.where(np.isnan(values), mean, values)[np.newaxis]
        seen = self.run.preprocessing.standardize(self.run.preprocessing.fitted(tf.constant(series)))
        answered = tf.cast(self.run.model(seen, training=False), tf.float32)
        return Case("serving_default", {"series": series}, self._expected(answered))

    def _expected(self, answered: tf.Tensor) -> dict[str, np.ndarray]:
        match tasks.of(self.recipe):
            case "classification":
                return named(answered, self.run.classes)
            case "regression":
                return {"values": self.run.preprocessing.in_units(answered).numpy()}
            case "labelling":
                probabilities = tf.nn.softmax(answered).numpy()
                names = np.array([name.encode() for name in self.run.classes], object)
                return {"probability": probabilities.max(-1), "labels": names[probabilities.argmax(-1)]}
            case _:
                return {"next": tf.sigmoid(answered).numpy()}


class _Forecasts(Exporter):
    """From steps of the last split: as many levels as the network looks at, more, and too few."""

    def __init__(self, run: Trained, recipe: Recipe, source: Source):
        self.run, self.recipe = run, recipe
        self.levels = list(source.splits.values())[-1].levels
        self.forecaster = Forecaster(run.model, run.preprocessing)
        self.shown = np.linspace(len(self.levels) // 2, len(self.levels) - 1, self.examples).astype(int)

    @property
    def steps(self) -> int:
        """How many steps ahead are answered: those that intervals are known for, if any are."""
        return self.run.intervals.steps if self.run.intervals else self.recipe.forecast.horizon

    def radii(self) -> dict[str, np.ndarray]:
        """How far intervals reach, by coverage in percent, where that is known for every step."""
        known = self.run.intervals
        pairs = zip(known.coverages, known.radii, strict=True) if known else ()
        return {f"{100 * coverage:g}": radii for coverage, radii in pairs if np.isfinite(radii).all()}

    def module(self) -> Continuation:
        data, seen = self.recipe.forecast, self.forecaster.seen
        terms = (seen, self.steps, self.radii(), data.date, data.gaps)
        return Continuation(self.run.model, self.run.preprocessing, *terms)

    def cases(self) -> list[Case]:
        enough = self.forecaster.seen + 1
        lengths = {min(length, int(self.shown[0])) for length in (enough, enough + 7, 2)}
        known = [self._case(np.stack([self.levels[end - length : end] for end in self.shown])) for length in lengths]
        return [*known, self._reading()]

    def _reading(self) -> Case:
        data, series = self.recipe.forecast, self.run.preprocessing.series
        told = {"series": [series], "date": [data.date or ""], "gaps": [data.gaps]}
        encoded = {name: np.char.encode(value, "utf-8").astype(object) for name, value in told.items()}
        return Case("reading", {"question": ["how is a file read?"]}, encoded)

    def _case(self, levels: np.ndarray) -> Case:
        preparation, targets = self.run.preprocessing, self.run.preprocessing.targets
        origin = np.array([levels.shape[1] - 1])
        forecast = np.concatenate([self.forecaster.ahead(each, origin, self.steps) for each in levels])
        expected = {"forecast": forecast}
        for name, radii in self.radii().items():
            expected |= {f"lower_{name}": preparation.around(forecast, -radii)}
            expected |= {f"upper_{name}": preparation.around(forecast, radii)}
        # A forecast is near the level before it: what is proved is how far it is from there.
        unit = np.array(preparation.std[:targets]) * (levels[:, -1:, :targets] if preparation.changes == "log" else 1)
        names = np.tile(np.array([name.encode() for name in self.run.classes], object), (len(levels), 1))
        return Case("serving_default", {"levels": levels}, expected | {"names": names}, dict.fromkeys(expected, unit))


class _Texts(Exporter):
    def module(self) -> TextClassifier:
        return TextClassifier(self.run.model, self.run.preprocessing, self.run.classes)

    def cases(self) -> list[Case]:
        texts = [text.encode() for text in self.shown.texts]
        numbers = self.shown.inputs(np.arange(len(texts)))
        logits = self.run.model(numbers, training=False)
        counts = {"words": (numbers > 0).sum(-1), "known_words": (numbers > 1).sum(-1)}
        exact = {name: count.astype(np.int32) for name, count in counts.items()}
        return [Case("serving_default", {"text": texts}, named(logits, self.run.classes) | exact)]


EXPORTERS = {
    ("series", "classification"): _Series,
    ("series", "regression"): _Series,
    ("series", "labelling"): _Series,
    ("series", "prediction"): _Series,
    ("forecast", "forecasting"): _Forecasts,
    ("text", "classification"): _Texts,
}
