"""A picture of what a run looks at: kept with the run, given where it was asked for, refused in one line."""

import json
from dataclasses import dataclass

import numpy as np
import pytest
from mlflow import MlflowClient
from PIL import Image
from sklearn.datasets import load_digits

from kcnn.errors import DataError, InputError
from kcnn.experiment.explain import explain
from kcnn.experiment.folder import RunFolder
from kcnn.tracking import journal
from kcnn.tracking.delivery import sync
from kcnn.workspace import Workspace

DIGIT = np.round(load_digits().images[3] * (255 / 16)).astype(np.uint8)


@dataclass(frozen=True)
class Explained:
    image: object
    output: object
    explanation: object


@pytest.fixture(scope="module")
def lenet(compared):
    return next(result for result in compared.comparison.results if result.recipe.name == "lenet5_digits")


@pytest.fixture(scope="module")
def explained(compared, lenet, tmp_path_factory):
    folder = tmp_path_factory.mktemp("explained")
    image, output = folder / "digit.png", folder / "picture.png"
    Image.fromarray(DIGIT).save(image)
    return Explained(image, output, explain(lenet, image, output=output, workspace=compared.workspace))


def is_picture(path):
    with Image.open(path) as picture:
        return picture.format == "PNG" and picture.width > 1000


def test_the_picture_is_in_the_folder_of_the_run_and_where_it_was_asked_for(compared, lenet, explained):
    path = explained.explanation.path
    assert path.parent == compared.workspace.run(lenet.run) / "explanations"
    assert explained.explanation.output == explained.output
    assert is_picture(path)
    assert is_picture(explained.output)


def test_what_the_model_answers_is_told_with_it(explained):
    told = explained.explanation
    assert told.prediction == told.label == max(told.probabilities, key=told.probabilities.get)
    assert told.probability == max(told.probabilities.values())
    assert len(told.probabilities) == 5
    assert (told.tap, told.left_out) == ("features", ())
    assert told.seconds > 0


def test_it_is_plain_json(explained):
    values = json.loads(json.dumps(explained.explanation.to_json()))
    assert values["path"] == str(explained.explanation.path)
    assert values["prediction"] == explained.explanation.prediction


def test_it_belongs_to_the_run_s_record_and_to_mlflow(compared, lenet, explained):
    folder = compared.workspace.run(lenet.run)
    kept = {"path": f"explanations/{explained.explanation.path.name}", "folder": "explanations"}
    assert kept in [event.values for event in journal.read(folder) if event.kind == "artifact"]

    run = MlflowClient(compared.workspace.tracking_uri).get_run(
        json.loads((folder / "delivered.json").read_text())["run"]
    )
    below = run.info.artifact_uri.removeprefix("mlflow-artifacts:/")
    delivered = compared.workspace.artifacts / below / "explanations" / explained.explanation.path.name
    assert delivered.read_bytes() == explained.explanation.path.read_bytes()
    assert journal.summarise(folder).status == run.info.status == "FINISHED"


def test_a_server_that_cannot_be_reached_loses_nothing(compared, lenet, explained, monkeypatch, tmp_path):
    (tmp_path / "later.png").write_bytes(explained.image.read_bytes())
    with monkeypatch.context() as patched:
        patched.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/no/such/folder/mlflow.db")
        told = explain(lenet, tmp_path / "later.png", workspace=compared.workspace)
    assert is_picture(told.path)
    assert sync(compared.workspace) == 1


def test_another_class_may_be_explained_and_is_among_the_probabilities(compared, lenet, explained):
    shares = explained.explanation.probabilities
    unlikely = next(name for name in map(str, range(10)) if name not in shares)
    told = explain(lenet, explained.image, label=unlikely, tap="stage1", workspace=compared.workspace)
    assert (told.label, told.prediction, told.tap) == (unlikely, explained.explanation.prediction, "stage1")
    assert told.path != explained.explanation.path
    assert told.path.name.endswith(f"-{unlikely}-stage1.png")
    assert list(told.probabilities)[-1] == unlikely
    assert len(told.probabilities) == 5


def test_another_image_of_the_same_name_does_not_replace_it(compared, lenet, explained, tmp_path):
    Image.fromarray(DIGIT.T).save(tmp_path / "digit.png")
    told = explain(lenet, tmp_path / "digit.png", label=explained.explanation.label, workspace=compared.workspace)
    assert told.path != explained.explanation.path


def test_a_network_without_maps_says_what_is_left_out(compared, explained):
    mlp = next(result for result in compared.comparison.results if result.recipe.name == "mlp_digits")
    told = explain(mlp, explained.image, workspace=compared.workspace)
    assert is_picture(told.path)
    assert told.left_out == ("Grad-CAM", "deconvnet", "first-layer kernels", "feature maps")
    assert told.tap is None


def test_a_comparison_stands_for_the_best_of_its_runs(compared, explained):
    told = explain(compared.comparison.name, explained.image, workspace=compared.workspace)
    assert told.run == compared.comparison.best.run


def test_orientation_that_a_camera_noted_is_not_looked_at_as_in_training(compared, lenet, tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    large = Image.fromarray(DIGIT).resize((64, 64))
    large.save(tmp_path / "plain.jpg")
    large.save(tmp_path / "turned.jpg", exif=turned)
    plain, noted = (
        explain(lenet, tmp_path / name, workspace=compared.workspace).probabilities
        for name in ("plain.jpg", "turned.jpg")
    )
    assert noted == pytest.approx(plain)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a letter", "not an image"),
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n and then nothing", "truncated or damaged"),
    ],
)
def test_what_is_no_image_is_named(compared, lenet, tmp_path, content, says):
    (tmp_path / "photo.png").write_bytes(content)
    with pytest.raises(DataError, match=rf"photo\.png \({says}\)"):
        explain(lenet, tmp_path / "photo.png", workspace=compared.workspace)


def test_an_image_that_is_not_there_is_named(compared, lenet, tmp_path):
    with pytest.raises(DataError, match=r"no image .*absent\.png"):
        explain(lenet, tmp_path / "absent.png", workspace=compared.workspace)
    with pytest.raises(DataError, match="is a folder, not an image"):
        explain(lenet, tmp_path, workspace=compared.workspace)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"label": "ten"}, "unknown class of lenet5_digits"),
        ({"tap": "stage9"}, "unknown layer of lenet5 'stage9': did you mean 'stage"),
        ({"tap": "pooled"}, "tap must name a layer with maps"),
        ({"output": "picture.jpg"}, r"a figure is a file ending in .png, got 'picture.jpg'"),
    ],
)
def test_names_that_the_run_does_not_have_are_refused(compared, lenet, explained, wrong, says):
    with pytest.raises(InputError, match=says):
        explain(lenet, explained.image, workspace=compared.workspace, **wrong)


def test_a_run_without_a_model_says_how_to_finish_it(compared, lenet, explained, tmp_path):
    workspace = Workspace(tmp_path)
    recipe = RunFolder(compared.workspace.run(lenet.run)).read("recipe")
    RunFolder(workspace.run("lenet5_digits-unfinished")).write("recipe", recipe)
    with pytest.raises(InputError, match="kcnn train --resume lenet5_digits-unfinished"):
        explain("latest", explained.image, workspace=workspace)
