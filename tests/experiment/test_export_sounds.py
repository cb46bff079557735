"""What is proved of a network that continues sounds before it is published."""

from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from kcnn.experiment.exporters.sounds import EXPORTERS
from kcnn.experiment.trained import Trained
from kcnn.exporting.saved_model import write
from kcnn.exporting.sounds import chosen
from kcnn.exporting.verify import verify
from kcnn.layers import CausalConv1D
from tests.exporting.test_sounds import CONDITIONS, PREPARATION, network

Exporter = EXPORTERS["audio", "autoregression"]


def exporter(seed=1):
    model = network(seed=seed, stacks=1, levels=3, conditions=CONDITIONS)
    source = SimpleNamespace(splits={"test": SimpleNamespace(some=lambda count: [None] * count)})
    return Exporter(Trained(model, PREPARATION, [], "fingerprint"), None, source)


@pytest.fixture
def made():
    return exporter()


def test_what_is_written_holds_and_another_network_does_not(made, tmp_path):
    own, other = write(made.module(), tmp_path / "own"), write(exporter(2).module(), tmp_path / "other")

    assert verify(own, 4, made.cases()).holds
    assert verify(other, 4, made.cases()).faults == ("codes of serving_default says something else",)


def wrong(factor):
    """A step that answers so many times what it should."""
    right = CausalConv1D.last
    return lambda layer, taps: factor * right(layer, taps)


def test_a_loop_that_answers_something_else_than_the_network_is_not_published(made, tmp_path, monkeypatch):
    monkeypatch.setattr(CausalConv1D, "last", wrong(1.1))

    assert not verify(write(made.module(), tmp_path), 4, made.cases()).holds


def test_a_loop_that_rounds_otherwise_is_published(made, tmp_path, monkeypatch):
    monkeypatch.setattr(CausalConv1D, "last", wrong(1 + 1e-6))

    assert verify(write(made.module(), tmp_path), 4, made.cases()).holds


@pytest.mark.parametrize(("distance", "kept"), [(1e-6, True), (1e-3, False)])
def test_a_code_may_be_another_only_where_its_number_is_near_a_sum(made, distance, kept):
    """Both codes at the first step of which one ends and the other begins near the number that decides."""
    told = {name: np.zeros(1, np.int32) for name in CONDITIONS}
    logits = made.run.model({"codes": np.array([[128]], np.int32), **told}, training=False)
    ends = np.cumsum(tf.nn.softmax(logits)[0, 0].numpy().astype(float))
    code = int(np.argmax(np.minimum(np.diff(ends, prepend=0.0)[:-1], np.diff(ends))))
    uniform = tf.constant([[ends[code] + distance]], tf.float32)
    assert int(chosen(logits, uniform)[0, 0]) == code + 1

    found = made._right(tf.constant([[code]]), told, uniform)

    assert found.tolist() == [[code if kept else code + 1]]
