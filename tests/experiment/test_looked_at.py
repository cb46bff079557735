"""The sheets of clips that a run keeps of its trained network."""

import matplotlib.text
import numpy as np
from scipy.special import softmax

from kcnn.experiment.looked_at import EACH, LOOKED_AT, looked_at
from tests.clips import CLASSES, examples, network


def texts(made):
    return [text.get_text() for text in made.findobj(matplotlib.text.Text) if text.get_text()]


def test_clips_that_are_named_rightly_and_wrongly_have_a_sheet_each():
    model, shown = network(), examples(9)
    seen = shown.preparation.standardize(shown.inputs(np.arange(9)))
    shares = softmax(np.asarray(model(seen, training=False)), -1)
    answers, truth = shares.argmax(-1), shown.truth(np.arange(9))
    captions = [
        f"truth {CLASSES[label]}, answer {CLASSES[answer]} {row[answer]:.1%}"
        for label, answer, row in zip(truth, answers, shares, strict=True)
    ]

    made = looked_at(model, shown, CLASSES, batch=4)

    assert set(made) == {"clips_right", "clips_wrong"}
    for name, right in (("clips_right", True), ("clips_wrong", False)):
        chosen = np.flatnonzero((answers == truth) == right)[:EACH]
        assert [text for text in texts(made[name]) if text.startswith("truth")] == [captions[one] for one in chosen]


def test_where_no_answer_is_wrong_there_is_no_sheet_of_wrong_ones():
    model, shown = network(), examples(4)
    seen = shown.preparation.standardize(shown.inputs(np.arange(4)))
    answers = np.asarray(model(seen, training=False)).argmax(-1)

    assert set(looked_at(model, shown, CLASSES)) <= {"clips_right", "clips_wrong"}
    shown.labels[:] = answers
    assert set(looked_at(model, shown, CLASSES)) == {"clips_right"}


def test_of_many_clips_some_are_looked_at(monkeypatch):
    monkeypatch.setattr("kcnn.experiment.looked_at.LOOKED_AT", 2)

    made = looked_at(network(), examples(7), CLASSES)

    assert sum(text.startswith("truth") for sheet in made.values() for text in texts(sheet)) == 2
    assert LOOKED_AT > 2 * EACH
