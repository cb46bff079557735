"""What is published answers as the run did; what does not is refused."""

import numpy as np
import pytest
import tensorflow as tf

from kcnn.data import address
from kcnn.errors import DataError, InputError
from kcnn.experiment.export import export
from kcnn.experiment.folder import RunFolder
from kcnn.exporting import verify
from kcnn.serving.repository import exported
from kcnn.workspace import Workspace


@pytest.fixture(scope="module")
def published(compared):
    return export(compared.comparison.results[1], workspace=compared.workspace)


def test_the_saved_model_answers_as_the_run_counted(compared, published):
    result = compared.comparison.results[1]
    source = address.load(result.recipe.data)
    test = source.splits["test"]
    signature = tf.saved_model.load(str(published.path)).signatures["serving_default"]
    answers = signature(images=tf.constant(test.pixels))["class_name"].numpy().astype(str)
    truths = np.array(source.classes)[test.labels]
    assert np.mean(answers == truths) == result.metrics["test_accuracy"]


def test_the_difference_is_measured_on_real_examples_and_reported(published):
    assert published.examples == 64
    assert 0 <= published.difference <= verify.TOLERANCE


def test_a_second_export_gets_the_next_version_and_the_first_stays(compared, published):
    before = {path: path.stat().st_mtime_ns for path in published.path.rglob("*")}
    again = export(published.run, workspace=compared.workspace)
    assert again.version == published.version + 1
    assert {path: path.stat().st_mtime_ns for path in published.path.rglob("*")} == before


def test_the_list_that_tf_serving_polls_has_the_model(compared, published):
    assert f'name: "{published.name}"' in (compared.workspace.saved_models / "models.config").read_text()


def test_what_does_not_answer_as_the_run_is_not_published(compared, monkeypatch):
    monkeypatch.setattr(verify, "TOLERANCE", -1.0)
    with pytest.raises(InputError, match="was not published"):
        export(compared.comparison.results[0], name="refused", workspace=compared.workspace)
    assert "refused" not in exported(compared.workspace.saved_models)
    assert list((compared.workspace.saved_models / "refused").iterdir()) == []


@pytest.mark.parametrize("name", ["", ".hidden", "../outside", "a b", "-dash", "a/b"])
def test_a_name_that_no_server_could_serve_is_refused(compared, name):
    with pytest.raises(InputError, match="name must be"):
        export(compared.comparison.results[0], name=name, workspace=compared.workspace)


def test_a_run_that_does_not_exist_is_named_with_the_nearest(compared):
    wrong = compared.comparison.results[0].run.replace("mlp", "mpl")
    with pytest.raises(InputError, match="did you mean 'mlp_digits"):
        export(wrong, workspace=compared.workspace)


def test_a_run_without_a_model_says_how_to_finish_it(compared, tmp_path):
    source = RunFolder(compared.workspace.run(compared.comparison.results[0].run))
    workspace = Workspace(tmp_path)
    RunFolder(workspace.run("mlp_digits-unfinished")).write("recipe", source.read("recipe"))
    with pytest.raises(InputError, match="kcnn train --resume mlp_digits-unfinished"):
        export("mlp_digits-unfinished", workspace=workspace)


def test_data_that_changed_since_are_no_proof(compared):
    source = RunFolder(compared.workspace.run(compared.comparison.results[0].run))
    description = source.read("source")
    source.write("source", description | {"fingerprint": "another"})
    try:
        with pytest.raises(DataError, match="has changed since the run"):
            export(source.name, workspace=compared.workspace)
    finally:
        source.write("source", description)


def test_a_comparison_stands_for_the_best_of_its_runs(compared):
    best = compared.comparison.best.run
    for name in (compared.comparison.name, "latest"):
        assert export(name, name="best", workspace=compared.workspace).run == best
