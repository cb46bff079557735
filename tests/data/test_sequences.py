"""What a source of series must be, before TensorFlow is imported; and the real rolls, where they are."""

import subprocess
import sys

import numpy as np
import pytest

from kcnn.data import address
from kcnn.data.sequences import check
from kcnn.errors import DataError, InputError
from kcnn.recipes.series import Series
from kcnn.recipes.text import Text

TASKS = ("classification", "regression", "labelling", "prediction")


@pytest.fixture
def files(here):
    """Files and folders that are not looked into."""
    for name in ("x.csv", "X.CSV", "rolls.mat", "words.txt", "plain", "own/train.csv", "empty/test.csv"):
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).touch()
    return here


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("source", ["x.csv", "X.CSV", "own", "./own/"])
def test_of_a_table_anything_can_be_asked(files, source, task):
    check(Series(source=source, task=task))


@pytest.mark.parametrize(
    ("source", "task"),
    [
        ("adding", "regression"),
        ("copy", "labelling"),
        ("rolls.mat", "prediction"),
        ("tfds:mnist", "classification"),
    ],
)
def test_of_any_other_source_one_thing_can_be_asked(files, source, task):
    check(Series(source=source, task=task))

    for other in set(TASKS) - {task}:
        with pytest.raises(InputError, match=f"data.task of {source} must be {task}, got {other}"):
            check(Series(source=source, task=other))


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("nowhere.csv", DataError, "nowhere.csv is not there"),
        ("no/where", DataError, "no/where is not there"),
        ("words.txt", DataError, "words.txt is neither a .csv nor a .mat"),
        ("plain", DataError, "plain is neither a .csv nor a .mat"),
        ("empty", DataError, "empty has test.csv but no train.csv"),
        ("coppy", InputError, "unknown source of series 'coppy': did you mean 'copy'?"),
        ("digits", InputError, "unknown source of series 'digits'"),
    ],
)
def test_a_source_that_is_none_is_refused(files, source, kind, message):
    with pytest.raises(kind) as refused:
        check(Series(source=source, task="classification"))
    assert message in str(refused.value)
    assert type(refused.value) is kind


@pytest.mark.parametrize("source", ["copy", "rolls.mat", "x.csv"])
def test_only_images_are_permuted(files, source):
    task = {"copy": "labelling", "rolls.mat": "prediction", "x.csv": "classification"}[source]

    with pytest.raises(InputError, match=f"data.permuted is for images that are read pixel by pixel, got '{source}'"):
        check(Series(source=source, task=task, permuted=True))


@pytest.mark.parametrize(
    ("source", "task", "options", "message"),
    [
        (
            "x.csv",
            "labelling",
            {"examples": 5},
            "examples is for adding and copy, got 'x.csv': data.examples=50000 leaves it out",
        ),
        ("rolls.mat", "prediction", {"examples": 5}, "examples is for adding and copy, got 'rolls.mat'"),
        ("tfds:mnist", "classification", {"examples": 5}, "examples is for adding and copy, got 'tfds:mnist'"),
        ("adding", "regression", {"gaps": "mean"}, "gaps is for a .csv, got 'adding': data.gaps=refuse leaves it out"),
        ("rolls.mat", "prediction", {"gaps": "hold"}, "gaps is for a .csv, got 'rolls.mat'"),
        ("tfds:mnist", "classification", {"layout": "wide"}, "layout is for a .csv, got 'tfds:mnist'"),
        ("copy", "labelling", {"key": "who"}, "key is for a .csv, got 'copy': data.key=series leaves it out"),
        (
            "adding",
            "regression",
            {"target": "sum"},
            "target is for a .csv, got 'adding': data.target=label leaves it out",
        ),
        ("x.csv", "regression", {"layout": "wide", "key": "who"}, "key names a column of data.layout=long"),
        ("x.csv", "prediction", {"target": "what"}, "target is what is asked beside the channels"),
        ("x.csv", "prediction", {"gaps": "mean"}, "gaps=mean fills no gap between 0s and 1s"),
    ],
)
def test_an_option_that_means_nothing_there_is_refused(files, source, task, options, message):
    with pytest.raises(InputError) as refused:
        check(Series(source=source, task=task, **options))
    assert str(refused.value).startswith(f"data.{message}")


@pytest.mark.parametrize("task", ["labelling", "prediction"])
def test_a_length_that_nothing_is_brought_to_is_refused(files, task):
    with pytest.raises(InputError, match=r"data\.length"):
        check(Series(source="x.csv", task=task, length=10))


@pytest.mark.parametrize("task", ["labelling", "prediction"])
def test_a_wide_table_has_no_answers_for_its_steps(files, task):
    with pytest.raises(InputError, match=r"data\.layout=wide"):
        check(Series(source="x.csv", task=task, layout="wide"))


@pytest.mark.parametrize("source", ["adding", "copy", "tfds:mnist"])
def test_a_name_is_an_address_from_every_folder(source):
    assert address.absolute(Series(source=source, task="regression")) == source


def test_a_path_is_made_absolute(files):
    assert address.absolute(Series(source="x.csv", task="regression")) == str(files / "x.csv")


@pytest.mark.parametrize("name", ["copy", "digits"])
def test_a_folder_of_texts_may_be_called_as_data_of_another_kind_are(files, name):
    assert address.absolute(Text(source=name)) == str(files / name)


def test_nothing_of_this_needs_tensorflow():
    code = (
        "import sys; from kcnn.data import address; from kcnn.recipes.series import Series;"
        "address.check(Series(source='adding', task='regression')); sys.exit('tensorflow' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("JSB_Chorales", {"train": 229, "val": 76, "test": 77}),
        ("Nottingham", {"train": 694, "val": 173, "test": 170}),
    ],
)
def test_the_rolls_of_the_papers_have_their_splits_and_keys(data, name, counts):
    source = address.load(Series(source=str(data / "series" / f"{name}.mat"), task="prediction"))

    assert source.counts == counts
    assert source.example_shape == (None, 88)
    assert source.choosing == "val"
    for part in source.splits.values():
        for values, truth in zip(part.values, part.truths, strict=True):
            np.testing.assert_array_equal(values[1:], truth[:-1])
