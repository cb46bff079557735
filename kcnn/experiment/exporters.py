"""What a run publishes, by its task: a module of `exporting`, and what it must answer on real examples."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from kcnn.data.sounds import SILENT
from kcnn.data.source import Source
from kcnn.data.tiles import Tiling
from kcnn.experiment import makers, tasks
from kcnn.experiment.forecaster import Forecaster
from kcnn.experiment.trained import Trained
from kcnn.exporting.classifier import Classifier
from kcnn.exporting.forecasts import Continuation
from kcnn.exporting.makers import Generator, Reconstructor, code_of
from kcnn.exporting.saved_model import Servable
from kcnn.exporting.segmenter import Segmenter
from kcnn.exporting.series import Labeller, Predictor, Reader, Regressor, SeriesClassifier
from kcnn.exporting.sounds import SoundClassifier, SoundMaker, chosen, drawn
from kcnn.exporting.texts import TextClassifier
from kcnn.exporting.verify import Case
from kcnn.recipes import Recipe

EXAMPLES = 64
"""How many examples the proof is made with; a generator's are codes, all others real ones."""

WHOLE_IMAGES = 4
"""The same where each is answered tile by tile."""


def exporter(recipe: Recipe) -> "type[Exporter]":
    """What publishes the runs of a recipe."""
    if recipe.data.kind == "series":
        return _Series
    return {
        ("images", "classification"): _Classifier,
        ("masks", "segmentation"): _Segmenter,
        ("images", "reconstruction"): _Reconstructor,
        ("images", "generation"): _Generator,
        ("text", "classification"): _Texts,
        ("audio", "classification"): _Sounds,
        ("audio", "autoregression"): _SoundMaker,
        ("forecast", "forecasting"): _Forecasts,
    }[recipe.data.kind, tasks.of(recipe)]


class Exporter:
    """A finished run with its recipe and data; `cases` are made of the last split."""

    examples = EXAMPLES

    def __init__(self, run: Trained, recipe: Recipe, source: Source):
        self.run = run
        self.recipe = recipe
        self.shown = list(source.splits.values())[-1].some(self.examples)

    def module(self) -> Servable:
        """What is written."""
        raise NotImplementedError

    def cases(self) -> list[Case]:
        """What it must answer."""
        raise NotImplementedError

    def _encoded(self) -> list[bytes]:
        return [self.shown.encoded(index) for index in range(len(self.shown))]

    def _images(self) -> np.ndarray:
        return self.shown.images(np.arange(len(self.shown)))

    def _bytes(self) -> dict[str, Any]:
        return {"image_bytes": self._encoded()}


class _Classifier(Exporter):
    def module(self) -> Classifier:
        return Classifier(self.run.model, self.run.preprocessing, self.run.classes)

    def cases(self) -> list[Case]:
        images = self._images()
        logits = self.run.model(self.run.preprocessing.standardize(images), training=False)
        expected = _named(logits, self.run.classes)
        return [
            Case("serving_default", {"images": images}, expected),
            Case("serving_bytes", self._bytes(), expected),
        ]


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
                return _named(answered, self.run.classes)
            case "regression":
                return {"values": answered.numpy()}
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
        return Continuation(self.run.model, self.run.preprocessing, self.forecaster.seen, self.steps, self.radii())

    def cases(self) -> list[Case]:
        enough = self.forecaster.seen + 1
        lengths = {min(length, int(self.shown[0])) for length in (enough, enough + 7, 2)}
        return [self._case(np.stack([self.levels[end - length : end] for end in self.shown])) for length in lengths]

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
        return [Case("serving_default", {"text": texts}, _named(logits, self.run.classes) | exact)]


class _Sounds(Exporter):
    def module(self) -> SoundClassifier:
        return SoundClassifier(self.run.model, self.run.preprocessing, self.run.classes)

    def cases(self) -> list[Case]:
        logits = self.run.model(self.shown.inputs(np.arange(len(self.shown))), training=False)
        return [Case("serving_default", {"wav_bytes": self._encoded()}, _named(logits, self.run.classes))]


class _SoundMaker(Exporter):
    """By the loop that is written down in the graph, and by Keras's model on all steps at once."""

    examples = 4

    def module(self) -> SoundMaker:
        return SoundMaker(self.run.model, self.run.preprocessing)

    def cases(self) -> list[Case]:
        told, rate = self.run.preprocessing.told, self.run.preprocessing.rate
        numbers = {name: np.arange(self.examples) % len(names) for name, names in told.items()}
        seconds = np.linspace(0.01, 0.03, self.examples, dtype=np.float32)
        seeds = np.arange(self.examples)
        steps = int(np.ceil(seconds * np.float32(rate)).max())
        uniform = tf.stack([drawn(seed, steps, rate) for seed in seeds])
        codes = np.full((self.examples, 1), SILENT, np.int32)
        for time in range(steps):
            inputs = {"codes": codes, **{name: each.astype(np.int32) for name, each in numbers.items()}}
            logits = self.run.model({name: tf.constant(each) for name, each in inputs.items()}, training=False)
            codes = np.concatenate([codes, chosen(logits[:, -1], uniform[:, time]).numpy()[:, np.newaxis]], axis=1)
        named = {
            "class_name" if name == "class" else name: [told[name][number].encode() for number in each]
            for name, each in numbers.items()
        }
        return [Case("serving_default", {**named, "seed": seeds, "seconds": seconds}, {"codes": codes[:, 1:]})]


def _named(logits: tf.Tensor, classes: Sequence[str]) -> dict[str, np.ndarray]:
    """What a classifier answers."""
    probabilities = tf.nn.softmax(tf.cast(logits, tf.float32)).numpy()
    names = np.array([name.encode() for name in classes], object)
    return {
        "probabilities": probabilities,
        "class_names": np.tile(names, (len(probabilities), 1)),
        "class_name": names[probabilities.argmax(-1)],
    }


class _Segmenter(Exporter):
    examples = WHOLE_IMAGES

    def module(self) -> Segmenter:
        values = self.shown.legend.values
        return Segmenter(self.run.model, self.run.preprocessing, self.run.classes, values, self._tiling())

    def cases(self) -> list[Case]:
        images = [self.shown.image(index) for index in range(len(self.shown))]
        probabilities = [self._probabilities(image) for image in images]
        values = np.array(self.shown.legend.values, np.int64)
        masks = [values[each.argmax(-1)] for each in probabilities]
        names = np.array([[name.encode() for name in self.run.classes]] * len(images), object)
        whole = [
            Case(
                "serving_default",
                {"images": image[np.newaxis]},
                {"probabilities": each[np.newaxis], "mask": mask[np.newaxis]},
            )
            for image, each, mask in zip(images, probabilities, masks, strict=True)
        ]
        counts = [np.bincount(each.argmax(-1).ravel(), minlength=len(values)) for each in probabilities]
        shares = np.array([each / each.sum() for each in counts], np.float32)
        expected = {"mask_bytes": masks, "class_names": names, "shares": shares}
        return [*whole, Case("serving_bytes", self._bytes(), expected)]

    def _probabilities(self, image: np.ndarray) -> np.ndarray:
        tiling = self._tiling()
        tiles = self.run.preprocessing.standardize(tiling.cut(tf.constant(image)))
        answers = tf.concat([self.run.model(tile[tf.newaxis], training=False) for tile in tiles], 0)
        return tf.nn.softmax(tiling.join(answers, *image.shape[:2])).numpy()

    def _tiling(self) -> Tiling:
        return Tiling(self.recipe.masks.size, self.run.model.output_shape[1], self.recipe.masks.overlap)


class _Reconstructor(Exporter):
    def module(self) -> Reconstructor:
        return Reconstructor(self.run.model, self.run.preprocessing)

    def cases(self) -> list[Case]:
        images = self._images()
        maker = makers.Reconstructor(self.run.model, self.run.preprocessing)
        made = maker.decoded(maker.encoded(images))
        codes = makers.drawn(len(images), maker.latent, seed=0)
        return [
            Case("serving_default", {"images": images}, {"images": made}),
            Case("serving_bytes", self._bytes(), {"image_bytes": made}),
            Case("decode", {"code": codes}, {"image_bytes": maker.decoded(codes)}),
        ]


class _Generator(Exporter):
    def module(self) -> Generator:
        return Generator(self.run.model, self.run.classes)

    def cases(self) -> list[Case]:
        maker = makers.Generator(self.run.model)
        labels = np.arange(self.examples) % len(self.run.classes)
        codes = makers.drawn(len(labels), maker.latent, seed=0)
        names = [self.run.classes[label].encode() for label in labels]
        seeds = np.arange(self.examples)
        of_seeds = np.stack([code_of(seed, maker.latent).numpy() for seed in seeds])
        return [
            Case("decode", {"class_name": names, "code": codes}, {"image_bytes": maker.decoded(codes, labels)}),
            Case(
                "serving_default",
                {"class_name": names, "seed": seeds},
                {"image_bytes": maker.decoded(of_seeds, labels)},
            ),
        ]
