"""Classifiers on the features of a network that stays as it is: how much of another task a layer already knows."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import StratifiedKFold, StratifiedShuffleSplit
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

FOLDS = 5
LARGE = 4000
"""From so many examples on, one split of them in four and one parts takes the place of the folds."""

_STEPS = 400
"""Of L-BFGS at most: what it changes after them moves no image to another class."""


@dataclass(frozen=True)
class Method:
    """A kind of classifier: the values of its one setting that are tried, from the plainest on, and how it is made."""

    name: str
    setting: str
    values: Sequence[float]
    make: Callable[[float, int], Any]


METHODS = {
    "linear": Method("linear", "alpha", (1e4, 1e3, 1e2, 1e1), lambda value, seed: RidgeClassifier(alpha=value)),
    "logistic": Method(
        "logistic",
        "C",
        (1e-4, 1e-3, 1e-2, 1e-1),
        lambda value, seed: LogisticRegression(C=value, max_iter=_STEPS, random_state=seed),
    ),
    "knn": Method(
        "knn",
        "neighbours",
        (50, 20, 10, 5, 1),
        lambda value, seed: KNeighborsClassifier(int(value), metric="cosine", algorithm="brute"),
    ),
}
"""The least squares of a linear probe, logistic regression, and the nearest neighbours by cosine."""


@dataclass(frozen=True)
class Probe:
    """A classifier that has been fitted; `chosen` is its setting, `accuracy` what the choice was made by."""

    method: Method
    chosen: float
    accuracy: float
    classifier: Any

    def score(self, features: np.ndarray, labels: np.ndarray) -> float:
        """The share of right answers."""
        return float(np.mean(self.classifier.predict(features) == labels))


def fit(method: str, features: np.ndarray, labels: np.ndarray, seed: int = 0) -> Probe:
    """Fit features (n, C), standardised, to labels (n,); the setting is chosen by cross-validation within them."""
    kind = METHODS[method]
    tried = {value: _validated(kind, value, features, labels, seed) for value in _possible(kind, len(labels))}
    chosen = max(tried, key=lambda value: tried[value])  # of equals the plainest
    return Probe(kind, chosen, tried[chosen], _fitted(kind, chosen, features, labels, seed))


def dense(probe: Probe) -> tuple[np.ndarray, np.ndarray]:
    """The kernel (C, classes) and bias (classes,) of a dense layer that answers as a logistic probe does."""
    scaler, classifier = probe.classifier[0], probe.classifier[-1]
    kernel, bias = classifier.coef_.T, classifier.intercept_
    if kernel.shape[1] == 1:
        # Of two classes it has the difference of the logits alone.
        kernel, bias = np.hstack([-kernel, kernel]) / 2, np.concatenate([-bias, bias]) / 2
    kernel = kernel / scaler.scale_[:, np.newaxis]
    return kernel, bias - scaler.mean_ @ kernel


def _possible(kind: Method, examples: int) -> list[float]:
    return [value for value in kind.values if kind.name != "knn" or value <= examples // 2] or [1.0]


def _validated(kind: Method, value: float, features: np.ndarray, labels: np.ndarray, seed: int) -> float:
    """The mean accuracy over parts that were left out."""
    shares = []
    for rest, part in _splits(labels, seed):
        classifier = _fitted(kind, value, features[rest], labels[rest], seed)
        shares.append(np.mean(classifier.predict(features[part]) == labels[part]))
    return float(np.mean(shares))


def _splits(labels: np.ndarray, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """What to fit and what to leave out, in turn. The only example of a class is never left out."""
    members = np.bincount(labels)[labels]
    often = np.flatnonzero(members > 1)
    if not len(often):
        return iter([(np.arange(len(labels)), np.arange(len(labels)))])
    if len(labels) >= LARGE and len(often) >= 5 * len(np.unique(labels[often])):
        made = StratifiedShuffleSplit(1, test_size=0.2, random_state=seed)
    else:
        made = StratifiedKFold(int(min(FOLDS, members[often].min())), shuffle=True, random_state=seed)
    parts = (often[part] for _, part in made.split(often, labels[often]))
    return ((np.setdiff1d(np.arange(len(labels)), part), part) for part in parts)


def _fitted(kind: Method, value: float, features: np.ndarray, labels: np.ndarray, seed: int) -> Any:
    classifier = make_pipeline(StandardScaler(), kind.make(value, seed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return classifier.fit(features, labels)
