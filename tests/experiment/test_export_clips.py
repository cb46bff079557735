"""What is proved of a classifier of clips before it is published."""

from types import SimpleNamespace

import pytest

from kcnn.experiment.exporters.videos import EXPORTERS
from kcnn.experiment.trained import Trained
from kcnn.exporting.saved_model import write
from kcnn.exporting.verify import verify
from tests.clips import CLASSES, examples, network, preparation

Exporter = EXPORTERS["video", "classification"]


def exporter(model, rate=None, channels=3):
    prepared = preparation(rate, channels)
    source = SimpleNamespace(splits={"train": None, "test": examples(6, rate, channels)})
    return Exporter(Trained(model, prepared, list(CLASSES), "fingerprint"), None, source)


@pytest.mark.parametrize(("rate", "channels"), [(None, 3), (12.5, 1), (None, 1)])
def test_every_signature_is_proved_to_answer_as_the_run_s_model(tmp_path, rate, channels):
    made = exporter(network(channels), rate, channels)

    cases = made.cases()
    proof = verify(write(made.module(), tmp_path), len(made.shown), cases)

    assert [case.signature for case in cases] == ["serving_default", *["serving_frames"] * 3]
    assert proof.holds
    assert proof.examples == 6
    assert cases[2].inputs["frames"].shape[1] > cases[1].inputs["frames"].shape[1] > cases[3].inputs["frames"].shape[1]


def test_another_model_is_not_taken_for_it(tmp_path):
    folder = write(exporter(network(seed=1)).module(), tmp_path)

    proof = verify(folder, 6, exporter(network(seed=0)).cases())

    for signature in ("serving_default", "serving_frames"):
        assert any(f"probabilities of {signature}" in fault for fault in proof.faults)
