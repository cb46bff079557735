"""Series: naming them, answering them with numbers, labelling their steps, saying what comes next."""

import keras
import numpy as np
from scipy.special import expit, log_softmax

from kcnn.evaluation import blind
from kcnn.evaluation.confusion import confusion
from kcnn.experiment.tasks import Measured, Terms
from kcnn.experiment.tasks.classification import Classifying, Labelled
from kcnn.plots.figure import Figure
from kcnn.plots.series import rolls, scatter, steps, traces
from kcnn.training.sequences import Labelling, Prediction, Regression
from kcnn.training.trainer import Trainer

SHOWN = 8
"""How many series of the first batch, or answers of an epoch, are drawn."""


class NamingSeries(Classifying):
    """A class for a series."""

    def draw_batch(self) -> Figure:
        """The first series of the first batch, with their labels."""
        seen, labels, _ = next(iter(self.training(0, 0)))
        return traces(_seen(self, seen), [self.source.classes[label] for label in labels[:SHOWN]])


class Regressing(Labelled):
    """Numbers for a series: the mean squared error."""

    def __init__(self, terms: Terms, model: keras.Model):
        super().__init__(terms, model)
        preparation = self.source.preprocessing
        self.objective = Regression(preparation.in_units, preparation.target_std)

    @property
    def blind_loss(self) -> float:
        """Of always saying the mean."""
        return blind.numbers(self.source.splits["train"].truths)

    def measured(self, trainer: Trainer, split: str) -> Measured:
        """The squared error."""
        answers, truths = trainer.logits(self.reading(split).dataset)
        return Measured({"loss": float(np.mean(np.square(answers.astype(np.float64) - truths)))})

    def draw_batch(self) -> Figure:
        """The first series of the first batch, with what is to be answered."""
        seen, truths, _ = next(iter(self.training(0, 0)))
        return traces(_seen(self, seen), [", ".join(f"{number:.3g}" for number in truth) for truth in truths[:SHOWN]])

    def draw_epoch(self, trainer: Trainer) -> dict[str, Figure]:
        """What was answered against what is true."""
        answers, truths = trainer.logits(self.reading(_looked_at(self)).dataset)
        return {"answers": scatter(truths, answers, self.source.classes)}


class LabellingSteps(Labelled):
    """A class for each step: cross-entropy and accuracy of a step."""

    def __init__(self, terms: Terms, model: keras.Model):
        super().__init__(terms, model)
        self.objective = Labelling(float(self.source.splits["train"].steps.mean()))

    @property
    def blind_loss(self) -> float:
        """Of the classes' shares at each place."""
        return blind.labelled_steps(self.source.splits["train"].truths)

    def measured(self, trainer: Trainer, split: str) -> Measured:
        """Over all steps of all series."""
        count = len(self.source.classes)
        loss, counts = 0.0, np.zeros((count, count), np.int64)
        for logits, truth in trainer.answers(self.reading(split).dataset):
            counted = truth["weights"] > 0
            labels, logs = truth["values"][counted], log_softmax(logits[counted].astype(np.float64), -1)
            loss -= logs[np.arange(len(labels)), labels].sum()
            counts += confusion(labels, logs.argmax(-1), count)
        return Measured({"accuracy": float(np.trace(counts) / counts.sum()), "loss": loss / counts.sum()}, counts)

    def draw_batch(self) -> Figure:
        """The first series of the first batch."""
        seen, _, _ = next(iter(self.training(0, 0)))
        return traces(_seen(self, seen), [""] * SHOWN)

    def draw_epoch(self, trainer: Trainer) -> dict[str, Figure]:
        """Labels of some series, as they are and as they are answered."""
        examples = self.source.splits[_looked_at(self)].some(SHOWN)
        answers, truth = next(trainer.answers(self.batches(examples).dataset))
        return {"labels": steps(truth["values"], answers.argmax(-1), truth["weights"], self.source.classes)}


class Predicting(Labelled):
    """What comes next: minus the log-likelihood of a step, in nats."""

    def __init__(self, terms: Terms, model: keras.Model):
        super().__init__(terms, model)
        self.objective = Prediction(float(self.source.splits["train"].steps.mean()))

    @property
    def blind_loss(self) -> float:
        """Of each channel's share of 1s."""
        return blind.binary_steps(self.source.splits["train"].truths)

    def measured(self, trainer: Trainer, split: str) -> Measured:
        """Over all steps of all series."""
        loss, count = 0.0, 0
        for logits, truth in trainer.answers(self.reading(split).dataset):
            counted = truth["weights"] > 0
            values, answered = truth["values"][counted], logits[counted].astype(np.float64)
            loss += np.sum(np.logaddexp(0, answered) - values * answered)
            count += int(counted.sum())
        return Measured({"loss": float(loss / count)})

    def draw_batch(self) -> Figure:
        """The first series of the first batch."""
        seen, _, _ = next(iter(self.training(0, 0)))
        return rolls([("seen", _seen(self, seen)[0])], self.source.classes)

    def draw_epoch(self, trainer: Trainer) -> dict[str, Figure]:
        """One series as it goes on, and the probability of each channel before it is known."""
        examples = self.source.splits[_looked_at(self)].some(1)
        logits, truth = next(trainer.answers(self.batches(examples).dataset))
        length = int(truth["weights"][0].sum())
        shown = [("what came", truth["values"][0, :length]), ("what was expected", expit(logits[0, :length]))]
        return {"prediction": rolls(shown, self.source.classes)}


def _looked_at(task: Labelled) -> str:
    """What choices are made by, or the last split."""
    return task.source.choosing or list(task.source.splits)[-1]


def _seen(task: Labelled, series: np.ndarray) -> np.ndarray:
    """Series as the network sees them."""
    return task.source.preprocessing.standardize(series[:SHOWN]).numpy()
