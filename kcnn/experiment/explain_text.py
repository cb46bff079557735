"""Say which words of a text the model of a run goes by."""

import hashlib
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcnn.errors import DataError, InputError
from kcnn.experiment import explained, folder, startup
from kcnn.experiment.listener import Listener
from kcnn.experiment.result import Result
from kcnn.workspace import Workspace

if TYPE_CHECKING:
    from kcnn.data.words import TextPreparation

_SCALE = "blue speaks for the class, red against it; a word in brackets is unknown"


@dataclass(frozen=True)
class TextExplanation:
    """The picture, kept with the run and at `output`, what the model answers, and the class `label` that is explained.

    `evidence` has each word with what it speaks for, against the mean of the other classes; words, `rest` and the
    class's logit less the mean of the others' go together. `unknown` are words that the model does not know.
    """

    path: Path
    output: Path | None
    run: str
    text: str
    prediction: str
    probability: float
    label: str
    evidence: tuple[tuple[str, float], ...]
    rest: float
    unknown: tuple[str, ...]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {key: str(value) if isinstance(value, Path) else value for key, value in vars(self).items()}


def explain_text(
    run: Result | str,
    text: str,
    *,
    label: str | None = None,
    output: Path | str | None = None,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
) -> TextExplanation:
    """Write `explanations/<text>-….png` into the folder of a run, or of the best of a comparison, and to `output`.

    The text is explained for the class `label`, or else the one that the model names.
    Raises `InputError` if there is no such run or class, or it reads no texts or is not finished, `DataError` for a
    text without words.
    """
    begin = time.perf_counter()
    workspace = workspace or Workspace()
    found = folder.find_best(workspace, run if isinstance(run, str) else run.run)
    classes = _check(found, text, label, output)
    (listener or Listener()).preparing("starting TensorFlow")
    startup.start(workspace)
    import numpy as np
    from scipy.special import softmax

    from kcnn.data.words import UNKNOWN
    from kcnn.experiment import trained
    from kcnn.explain.words import word_evidence
    from kcnn.plots.texts import Worded, page

    kept = trained.load(found)
    words, numbers = _numbered(kept.preprocessing, text)
    evidence = word_evidence(kept.model, numbers, None if label is None else classes.index(label))
    shares, chosen = softmax(evidence.logits), evidence.label
    best = int(np.argmax(shares))
    strange = tuple(word for word, number in zip(words, numbers, strict=True) if number == UNKNOWN)
    shown = [f"[{word}]" if number == UNKNOWN else word for word, number in zip(words, numbers, strict=True)]
    caption = f"{classes[best]} {shares[best]:.1%}; {classes[chosen]} is explained"
    drawn = page([Worded(caption, shown, evidence.words.tolist())], f"What {found.recipe().name} goes by", _SCALE)
    path = explained.keep(found, drawn, _name(text, classes[chosen]), output, workspace)
    return TextExplanation(
        path=path,
        output=None if output is None else Path(output),
        run=found.name,
        text=text,
        prediction=classes[best],
        probability=float(shares[best]),
        label=classes[chosen],
        evidence=tuple(zip(words, evidence.words.tolist(), strict=True)),
        rest=evidence.rest,
        unknown=strange,
        seconds=time.perf_counter() - begin,
    )


def _check(found: folder.RunFolder, text: str, label: str | None, output: Path | str | None) -> list[str]:
    """All that can be refused before TensorFlow is imported; the names of the classes."""
    found.check_finished()
    if found.recipe().data.kind != "text":
        raise InputError(f"{found.name} reads no texts, but {found.recipe().data.kind}")
    classes = explained.check(found, label, output)
    if not text.strip():
        raise DataError("the text is empty")
    return classes


def _numbered(preparation: "TextPreparation", text: str) -> tuple[list[str], Any]:
    """The words of a text and their numbers. Raises `DataError` where there are none, or it is not UTF-8."""
    import tensorflow as tf

    from kcnn.data.words import split

    try:
        words = split(tf.constant([text.encode()]))
    except UnicodeEncodeError:
        raise DataError("the text is not UTF-8") from None
    if not (found := [word.decode() for word in words[0].numpy()]):
        raise DataError("the text has no words")
    return found, preparation.numbered(words)[0].numpy()


def _name(text: str, label: str) -> str:
    """The picture's file: that of another text or class does not replace it."""
    content = hashlib.sha256(text.encode()).hexdigest()[:6]
    start = re.sub(r"[^\w]+", "_", text)[:32].strip("_")
    return "-".join(filter(None, (start, content, label)))
