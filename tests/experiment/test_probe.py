"""What the layers of a network know of a dataset: probes and searches that are runs, features in a file."""

import json
import threading

import numpy as np
import pytest
from PIL import Image

from kcnn.errors import DataError, InputError, InterruptedRun
from kcnn.experiment import pretrained
from kcnn.experiment.asked import ask, layers_of, prepare
from kcnn.experiment.features import features
from kcnn.experiment.folder import RunFolder, find_best
from kcnn.experiment.listener import Listener
from kcnn.experiment.probe import METHODS, probe, save_features
from kcnn.experiment.run import run
from kcnn.experiment.truncate import Cut, best, candidates, resume, truncate
from kcnn.experiment.weights import OWN, at_hand
from kcnn.tracking.journal import read, summarise
from kcnn.transfer import probe as probes
from kcnn.workspace import Workspace
from tests.weights.written import torchvision_file


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("probe"))


@pytest.fixture(scope="module")
def weights(workspace):
    return f"run:{run('resnet20_digits', workspace=workspace, epochs=4).run}"


@pytest.fixture(scope="module")
def asked(workspace, weights):
    return ask(weights, "digits", per_class=20, workspace=workspace)


def test_all_taps_are_asked_unless_some_are_named(asked):
    assert layers_of(asked.network) == ["stem", "stage1", "stage2", "stage3", "pooled"]
    assert layers_of(asked.network, ["stage2_block1"]) == ["stage2_block1"]


def test_a_layer_that_is_none_gets_the_nearest_name_before_the_data_are_read(tmp_path, workspace, weights):
    for name in ("red", "blue"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "broken.png").write_text("no picture")
    with pytest.raises(InputError, match="did you mean 'stage3'"):
        ask(weights, str(tmp_path), layers=["stem", "stage33"], workspace=workspace)


def test_later_layers_know_more_of_what_the_network_was_trained_on(asked):
    probed = probe(asked, ["stem", "pooled"], ["linear", "logistic", "knn"])
    reached = {(row["layer"], row["method"]): row["test_accuracy"] for row in probed.rows}
    for method in ("linear", "logistic", "knn"):
        assert reached["pooled", method] > reached["stem", method]
        assert reached["pooled", method] > 0.8


def test_the_methods_that_can_be_named_are_those_there_are():
    assert tuple(probes.METHODS) == METHODS


def test_a_probe_is_a_run_with_its_table_and_figure(workspace, asked):
    probed = probe(asked, ["stem", "stage1"])
    place = workspace.run(probed.run)
    assert summarise(place).status == "FINISHED"
    assert "| stem | linear |" in summarise(place).tags["description"]
    artifacts = {event.values["path"] for event in read(place) if event.kind == "artifact"}
    assert artifacts == {"probe.json", "probe.png"}
    assert json.loads((place / "probe.json").read_text()) == list(probed.rows)
    assert probed.figure.read_bytes().startswith(b"\x89PNG")


def test_a_second_probe_reads_what_the_first_has_computed(workspace, asked):
    probe(asked, ["stage2"])
    (path,) = workspace.features.glob("*/stage2.npy")
    before = path.stat().st_mtime_ns
    probe(asked, ["stage2"], ["knn"])
    assert path.stat().st_mtime_ns == before


def test_the_same_images_are_not_asked_again_where_they_are_split_otherwise(workspace, weights):
    class Counting(Listener):
        taken = 0

        def counting(self, what, done, total):
            self.taken += what == "taking features"

    found = pretrained.find(weights, workspace)
    counting = Counting()
    answers, fractions = [], (0.0, 0.3)
    for fraction in fractions:
        data = pretrained.images(found, "digits", None, validation=fraction)
        asked = prepare(found, data, workspace, counting)
        answers.append((asked.source, features(found, asked.source, ["stage1"], workspace, counting)["stage1"]))
        if not fraction:
            assert counting.taken
            counting.taken = 0
    assert not counting.taken
    by_image = [
        {image: row for split, rows in known.items() for image, row in zip(source.digests[split], rows, strict=True)}
        for source, known in answers
    ]
    assert [set(known) for _, known in answers] == [{"train", "test"}, {"train", "val", "test"}]
    assert by_image[0].keys() == by_image[1].keys()
    assert all(np.array_equal(row, by_image[1][image]) for image, row in by_image[0].items())


def test_features_in_a_file_are_those_of_the_layer_with_their_labels(tmp_path, asked):
    from keras import Model

    shapes = save_features(asked, "stage2", tmp_path / "features.npz")
    with (tmp_path / "features.npz").open("rb") as file, np.load(file) as stored:
        found = dict(stored)
    test = asked.source.splits["test"]
    maps = Model(asked.network.input, asked.network.get_layer("stage2").output)(
        test.preprocessing.standardize(test.images(np.arange(8)))
    )
    assert shapes == {"train": (200, 32), "test": (len(test), 32)}
    np.testing.assert_allclose(found["test"][:8], np.asarray(maps).mean((1, 2)), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(found["test_labels"], test.labels)
    assert list(found["classes"]) == list("0123456789")
    assert str(found["layer"]) == "stage2"
    assert str(found["sha256"]) == asked.found.sha256


@pytest.mark.slow
def test_a_search_fine_tunes_the_best_cuts_and_the_whole_network_under_one_run(workspace, weights):
    changes = {"data.per_class": 15, "epochs": 1}
    made = truncate(weights, "digits", tries=2, workspace=workspace, **changes)
    tuned = [cut for cut in made.cuts if cut.run]
    assert len(tuned) == 3
    assert made.whole.layer == "pooled"
    assert tuned[-1] == made.whole
    assert [cut.parameters for cut in made.cuts] == sorted(cut.parameters for cut in made.cuts)
    assert made.best.held_out >= made.whole.held_out
    assert {summarise(workspace.run(cut.run)).parent for cut in tuned} == {made.run}
    assert summarise(workspace.run(made.run)).tags["best"] == made.best.run
    assert find_best(workspace, "latest").name == find_best(workspace, made.run).name == made.best.run
    assert made.figure.read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_a_search_fine_tunes_by_the_plan_for_such_data(tmp_path, workspace, weights):
    random = np.random.default_rng(0)
    for name, height in (("tall", 16), ("flat", 2)):
        (tmp_path / name).mkdir()
        for number in range(10):
            noise = random.integers(0, 256, (16, 16), np.uint8).repeat(height, 0)[:16]
            Image.fromarray(noise).save(tmp_path / name / f"{number}.png")
    plans = {}
    for dataset, terms in (("digits", {}), (str(tmp_path), {}), ("digits", {"scenario": 4})):
        changes = {"data.per_class": 8, "epochs": 1}
        made = truncate(weights, dataset, tries=1, workspace=workspace, **terms, **changes)
        tuned = RunFolder(workspace.run(made.whole.run)).recipe()
        plans[dataset, *terms] = tuned.transfer.scenario
        assert summarise(workspace.run(made.run)).tags["scenario"] == str(tuned.transfer.scenario)
        assert made.to_json()["scenario"] == tuned.transfer.scenario
    assert plans == {("digits",): 2, (str(tmp_path),): 4, ("digits", "scenario"): 4}


@pytest.mark.slow
def test_a_search_goes_on_where_it_was_interrupted(workspace, weights):
    stop = threading.Event()
    begun = []

    class StopAtSecond(Listener):
        def begin(self, run, facts):
            begun.append(run)
            if len(begun) == 2:
                stop.set()

    changes = {"data.per_class": 15, "epochs": 1, "data.split_seed": 7}
    with pytest.raises(InterruptedRun, match=r"kcnn truncate --resume truncate-") as stopped:
        truncate(weights, "digits", tries=1, workspace=workspace, listener=StopAtSecond(), stop=stop, **changes)
    made = resume(stopped.value.run, workspace=workspace)
    assert [cut.run for cut in made.cuts if cut.run] == begun
    assert made.run == stopped.value.run
    assert summarise(workspace.run(made.run)).status == "FINISHED"
    whole = truncate(weights, "digits", tries=1, workspace=workspace, **changes)
    assert [cut.probe for cut in made.cuts] == [cut.probe for cut in whole.cuts]
    assert made.whole.reported == pytest.approx(whole.whole.reported, abs=0.02)


def test_a_search_is_not_gone_on_with_on_other_data(tmp_path, workspace, weights, photographs):
    stop = threading.Event()
    stop.set()
    with pytest.raises(InterruptedRun) as stopped:
        truncate(weights, str(photographs), scenario=4, workspace=workspace, stop=stop)
    next((photographs / "red").iterdir()).unlink()
    with pytest.raises(DataError, match=f"has changed since {stopped.value.run} was started: start a new search"):
        resume(stopped.value.run, workspace=workspace)


@pytest.mark.parametrize(
    ("terms", "says"),
    [
        ({"scenario": 3}, "by scenario 2 or 4, got 3"),
        ({"frozen": "stage33"}, "did you mean 'stage3'"),
        ({"transfer.cut": "stage2"}, "cannot be changed: it is what the search is for"),
    ],
)
def test_what_no_search_can_do_is_refused_before_the_data_are_read(tmp_path, workspace, weights, terms, says):
    for name in ("red", "blue"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "broken.png").write_text("no picture")
    with pytest.raises(InputError, match=says):
        truncate(weights, str(tmp_path), workspace=workspace, **terms)


def test_a_network_that_cannot_tell_needs_the_scenario(tmp_path, photographs):
    file = torchvision_file(tmp_path / "squeezenet1_1-random.safetensors", "squeezenet1_1")
    with pytest.raises(InputError, match="no batch normalisation to measure distance by: give --scenario"):
        truncate(str(file), str(photographs), size=32, workspace=Workspace(tmp_path / "workspace"))


def test_it_is_an_error_where_no_cut_could_be_trained():
    with pytest.raises(InputError, match="no cut could be trained"):
        best([cut("a", 1, 0.5), cut("all", 9, 0.9)])


@pytest.mark.slow
def test_a_search_that_is_stopped_while_features_are_taken_can_be_gone_on_with(workspace, weights):
    stop = threading.Event()
    stop.set()
    with pytest.raises(InterruptedRun) as stopped:
        truncate(weights, "digits", tries=1, workspace=workspace, stop=stop, **{"data.per_class": 9, "epochs": 1})
    assert resume(stopped.value.run, workspace=workspace).whole.held_out is not None


def cut(layer, parameters, probe, held_out=None):
    return Cut(layer, parameters, 10 * parameters, probe, layer if held_out else None, held_out, held_out)


def test_cuts_that_a_smaller_one_equals_are_not_tried():
    cuts = [
        cut("a", 1, 0.5),
        cut("b", 2, 0.7),
        cut("c", 3, 0.7),
        cut("d", 4, 0.6),
        cut("e", 5, 0.9),
        cut("all", 9, 0.8),
    ]
    assert [one.layer for one in candidates(cuts, 2)] == ["e", "b", "all"]


def test_the_best_cut_is_the_smallest_that_is_no_worse_than_the_whole():
    cuts = [
        cut("a", 1, 0.5, 0.7),
        cut("b", 2, 0.7, 0.9),
        cut("c", 3, 0.8),
        cut("d", 4, 0.9, 0.95),
        cut("all", 9, 0.9, 0.9),
    ]
    assert best(cuts).layer == "b"


def test_the_whole_network_is_best_where_every_cut_is_worse():
    assert best([cut("a", 1, 0.5, 0.7), cut("all", 9, 0.9, 0.9)]).layer == "all"


def test_finished_runs_are_weights_at_hand(workspace, weights):
    (row,) = [row for row in at_hand(workspace) if row.address == weights]
    assert (row.model, row.origin, row.size) == ("resnet20_cifar", OWN, 16)
    assert row.megabytes == pytest.approx(1.2, abs=0.4)
