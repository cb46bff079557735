import subprocess
import sys
from importlib import import_module

import pytest

from kcnn.errors import InputError
from kcnn.models import CATALOG, build, check, variant


def test_catalogue_and_family_modules_name_the_same_models():
    modules = {row.module for row in CATALOG.values()}
    built = {(module, name) for module in modules for name in import_module(f"kcnn.models.{module}").BUILDERS}

    assert built == {(row.module, name) for name, row in CATALOG.items()}
    assert all(name == row.name for name, row in CATALOG.items())


@pytest.mark.parametrize(
    "statement",
    [
        "import kcnn.models.catalog",
        "import kcnn.models; kcnn.models.check('lenet5', None, 3, {'activation': 'tanh'})",
        "import kcnn.models; kcnn.models.check('fcn8s', (64, 64, 3), 3, {'backbone': 'resnet18'})",
        "import kcnn.models; kcnn.models.check('tcn', (None, 2), 1, {'answer': 'every'})",
        "import kcnn.models; kcnn.models.check('text_cnn', (None,), 2, {'windows': [3, 4]})",
        "import kcnn.models; kcnn.models.check('wavenet', (None,), 256, {'conditions': {'class': 10}})",
        "import kcnn.models; kcnn.models.check('slow_fusion', (16, 32, 32, 1), 6, {'small_stem': True})",
        "import kcnn.arithmetic.sizes, kcnn.arithmetic.complexity",
    ],
)
def test_names_are_checked_without_keras(statement):
    code = f"{statement}; import sys; sys.exit(bool({{'keras', 'tensorflow'}} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_check_returns_the_shape_and_the_classes_that_build_would_use():
    assert check("lenet5") == ((32, 32, 1), 10)
    assert check("lenet5", [40, 50, 3], 4) == ((40, 50, 3), 4)


@pytest.mark.parametrize("ask", [build, check, variant])
def test_an_unknown_name_is_answered_with_the_nearest(ask):
    with pytest.raises(InputError, match="unknown model 'lenet6': did you mean 'lenet5'"):
        ask("lenet6")


@pytest.mark.parametrize("shape", [(32, 32), (32, 32, 0), (32, 32.0, 1), (32, True, 1), 32, "abc"])
def test_a_shape_that_is_not_three_positive_whole_numbers_is_refused(shape):
    with pytest.raises(InputError, match="input_shape must be \\(height, width, channels\\)"):
        check("lenet5", shape)


def test_an_image_that_is_too_small_is_refused_with_the_smallest_size():
    with pytest.raises(InputError, match=r"lenet5 needs images of at least 32x32 \(height x width\), got 28x28"):
        check("lenet5", (28, 28, 1))


@pytest.mark.parametrize("shape", [(16, 32, 32), (None, 32, 32, 1), (16, 32, 32, 0), (16, 32.0, 32, 1), 16])
def test_a_clip_that_is_not_four_positive_whole_numbers_is_refused(shape):
    with pytest.raises(InputError, match=r"input_shape must be \(frames, height, width, channels\), each at least 1"):
        check("c3d_small", shape)


@pytest.mark.parametrize("shape", [(7, 16, 16, 3), (8, 15, 16, 3), (8, 16, 15, 3)])
def test_a_clip_that_is_too_short_or_too_small_is_refused_with_the_smallest_one(shape):
    message = r"r3d_18 needs clips of at least 8x16x16 \(frames x height x width\), got " + "x".join(
        map(str, shape[:3])
    )
    with pytest.raises(InputError, match=message):
        check("r3d_18", shape)
    assert check("r3d_18", [8, 16, 16, 1], 5) == ((8, 16, 16, 1), 5)


@pytest.mark.parametrize("classes", [1, 0, -3, 2.5, True, "10"])
def test_fewer_than_two_classes_are_refused(classes):
    with pytest.raises(InputError, match="classes must be a whole number of at least 2"):
        check("lenet5", classes=classes)


def test_tasks_and_data_are_known_and_only_classifiers_of_images_have_features_alone():
    kinds = {(row.data, row.task) for row in CATALOG.values()}

    assert kinds == {
        ("images", "classification"),
        ("masks", "segmentation"),
        ("images", "reconstruction"),
        ("images", "generation"),
        ("images", "self-organisation"),
        ("series", "sequences"),
        ("text", "classification"),
        ("audio", "classification"),
        ("audio", "autoregression"),
        ("forecast", "forecasting"),
        ("video", "classification"),
    }
    assert all(row.classifier == ((row.data, row.task) == ("images", "classification")) for row in CATALOG.values())
    assert all(("features_only" in row.options) == row.classifier for row in CATALOG.values())


@pytest.mark.parametrize("row", CATALOG.values(), ids=lambda row: row.name)
def test_a_shape_has_a_number_for_each_axis_of_such_data(row):
    axes = {
        "series": ("steps", "channels"),
        "text": ("words",),
        "forecast": ("steps", "channels"),
        "audio": ("samples",),
        "video": ("frames", "height", "width", "channels"),
    }
    lengths = {"series": 1, "text": 1, "forecast": 1, "audio": 1, "video": 3}

    assert row.axes == axes.get(row.data, ("height", "width", "channels"))
    assert len(row.input_shape) == len(row.axes)
    assert len(row.smallest) == lengths.get(row.data, 2)
    assert row.any_length == (len(row.smallest) == 1)
    assert row.fewest == (1 if row.data in ("series", "forecast") else 2)
    assert row.reads == (("series", "forecast") if row.data == "series" else (row.data,))


@pytest.mark.parametrize(
    ("name", "citation"),
    [
        ("resnet50", "He et al. 2015"),
        ("efficientnet_b0", "Tan and Le 2019"),
        ("squeezenet1_0", "Iandola et al. 2016"),
        ("neocognitron", "Fukushima 1980"),
        ("unet", "Ronneberger et al. 2015"),
        ("dilated_context", "Yu and Koltun 2016"),
        ("tcn", "Bai et al. 2018"),
        ("lstm", "Hochreiter and Schmidhuber 1997"),
        ("conditional_wavenet", "Borovykh et al. 2017"),
        ("gru", "Cho et al. 2014"),
        ("text_cnn", "Kim 2014"),
        ("spectrogram_cnn", "Hershey et al. 2017"),
        ("wavenet", "van den Oord et al. 2016"),
        ("wave_lstm", "Hochreiter and Schmidhuber 1997"),
        ("ji2013", "Ji et al. 2013"),
        ("slow_fusion", "Karpathy et al. 2014"),
        ("c3d_small", "Tran et al. 2015"),
        ("r3d_18", "Tran et al. 2018"),
        ("two_stream_3d", "Huang et al. 2018"),
    ],
)
def test_papers_are_cited_in_short(name, citation):
    assert variant(name).citation == citation
