"""A SavedModel takes images of any number and size, and files, and answers as the Keras model does."""

import io
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from kcnn import models
from kcnn.data.preprocessing import Preprocessing
from kcnn.exporting.classifier import Classifier
from kcnn.exporting.saved_model import discard, publish, write

from .conftest import CLASSES, PREPROCESSING, grey, network, pictures


def export(folder, model, preprocessing=PREPROCESSING, classes=CLASSES):
    """The two signatures of a SavedModel, as arrays in and arrays out."""
    signatures = tf.saved_model.load(str(write(Classifier(model, preprocessing, classes), folder))).signatures

    def ask(images):
        if isinstance(images, np.ndarray):
            answer = signatures["serving_default"](images=tf.constant(images))
        else:
            answer = signatures["serving_bytes"](image_bytes=tf.constant(images, tf.string))
        return {name: value.numpy() for name, value in answer.items()}

    return ask


def expected(model, images, preprocessing=PREPROCESSING):
    """The Keras model's own probabilities."""
    logits = model(preprocessing.standardize(preprocessing.fitted(tf.constant(images))), training=False)
    return tf.nn.softmax(logits).numpy()


def file(image, kind):
    stream = io.BytesIO()
    Image.fromarray(image.squeeze()).save(stream, kind)
    return stream.getvalue()


@pytest.fixture(scope="module")
def ask(model, tmp_path_factory):
    return export(tmp_path_factory.mktemp("export"), model)


# What it answers


@pytest.mark.parametrize("count", [1, 2, 7])
def test_any_number_of_images_is_answered_as_the_model_does(ask, model, count):
    images = pictures(count)
    np.testing.assert_allclose(ask(images)["probabilities"], expected(model, images), atol=1e-6)


def test_the_best_class_is_told_by_name_and_probability(ask, model):
    images = pictures(20)
    probabilities = expected(model, images)
    answer = ask(images)
    assert [name.decode() for name in answer["class_name"]] == [CLASSES[best] for best in probabilities.argmax(-1)]
    np.testing.assert_allclose(answer["probability"], probabilities.max(-1), atol=1e-6)


def test_every_row_names_all_classes_in_the_order_of_their_probabilities(ask):
    answer = ask(pictures(2))
    assert [[name.decode() for name in row] for row in answer["class_names"]] == [list(CLASSES)] * 2
    assert answer["probabilities"].shape == (2, len(CLASSES))


@pytest.mark.parametrize("fit", ["cover", "pad", "stretch"])
def test_images_of_another_size_are_fitted_in_the_graph(model, tmp_path, fit):
    preprocessing = replace(PREPROCESSING, fit=fit)
    ask = export(tmp_path, model, preprocessing)
    for height, width in [(12, 10), (3, 20), (1, 1)]:
        images = pictures(2, height, width)
        np.testing.assert_allclose(
            ask(images)["probabilities"], expected(model, images, preprocessing), atol=1e-6, err_msg=f"{height}x{width}"
        )


@pytest.mark.parametrize("kind", ["png", "bmp"])
def test_files_that_keep_every_pixel_answer_as_their_pixels_do(ask, kind):
    images = pictures(3)
    answer = ask([file(image, kind) for image in images])
    np.testing.assert_allclose(answer["probabilities"], ask(images)["probabilities"], atol=1e-6)


def test_a_jpeg_answers_as_the_pixels_that_are_left_of_it_do(ask):
    encoded = file(pictures(1, 40, 30)[0], "jpeg")
    decoded = tf.io.decode_jpeg(encoded).numpy()[np.newaxis]
    np.testing.assert_allclose(ask([encoded])["probabilities"], ask(decoded)["probabilities"], atol=1e-6)


def test_a_gif_answers_as_its_first_frame_does(ask):
    first, second = np.full((6, 5, 3), 40, np.uint8), np.full((6, 5, 3), 220, np.uint8)
    stream = io.BytesIO()
    Image.fromarray(first).save(stream, "gif", save_all=True, append_images=[Image.fromarray(second)])
    answer = ask([stream.getvalue()])
    np.testing.assert_allclose(answer["probabilities"], ask(first[np.newaxis])["probabilities"], atol=1e-6)


def test_files_of_several_kinds_and_sizes_are_answered_together_in_their_order(ask):
    files = [file(pictures(1, 6 + n, 9 - n, seed=n)[0], kind) for n, kind in enumerate(["png", "jpeg", "bmp"])]
    together = ask(files)["probabilities"]
    alone = np.concatenate([ask([each])["probabilities"] for each in files])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_a_network_for_grey_images_takes_colour_files_and_grey_pixels(tmp_path):
    preprocessing = grey()
    model = network(preprocessing)
    ask = export(tmp_path, model, preprocessing)
    same = np.repeat(pictures(1, channels=1), 3, axis=-1)  # grey in colour
    images = same[..., :1]
    np.testing.assert_allclose(ask(images)["probabilities"], expected(model, images, preprocessing), atol=1e-6)
    np.testing.assert_allclose(ask([file(same[0], "png")])["probabilities"], ask(images)["probabilities"], atol=1e-6)


def test_what_is_no_image_is_refused_by_the_graph(ask):
    with pytest.raises(tf.errors.InvalidArgumentError, match="Unknown image file format"):
        ask([b"words"])


def test_probabilities_are_float32_whatever_the_logits_are(tmp_path):
    answer = export(tmp_path, network(dtype="bfloat16"))(pictures(4))
    assert answer["probabilities"].dtype == np.float32
    np.testing.assert_allclose(answer["probabilities"].sum(-1), 1, atol=1e-6)


# Every architecture: those with layers of kcnn's own, too


@pytest.mark.parametrize(("name", "shape"), [("lenet5_1998", (32, 32, 1)), ("resnet20_cifar", (8, 8, 3))])
def test_a_network_with_kcnn_s_own_layers_answers_as_the_model_does(tmp_path, name, shape):
    preprocessing = Preprocessing(*shape, "stretch")
    model = models.build(name, shape, 10)
    images = pictures(3, *shape)
    answer = export(tmp_path, model, preprocessing, tuple("abcdefghij"))(images)
    np.testing.assert_allclose(answer["probabilities"], expected(model, images, preprocessing), atol=1e-5)


# What is in the folder


@pytest.fixture(scope="module")
def folder(model, tmp_path_factory):
    return write(Classifier(model, PREPROCESSING, CLASSES), tmp_path_factory.mktemp("export"))


def test_no_python_is_needed_to_answer(folder):
    graph = SavedModel.FromString((folder / "saved_model.pb").read_bytes()).meta_graphs[0].graph_def
    operations = {node.op for function in graph.library.function for node in function.node_def}
    assert "Softmax" in operations
    assert not {name for name in operations if "PyFunc" in name}


def test_every_weight_is_saved_once(folder, model):
    saved = tf.train.list_variables(str(folder / "variables" / "variables"))
    sizes = [int(np.prod(shape)) for name, shape in saved if name.startswith("weights/")]
    assert sum(sizes) == model.count_params()
    assert {name for name, _ in saved if not name.startswith("weights/")} <= {"_CHECKPOINTABLE_OBJECT_GRAPH"}


def test_what_is_written_is_hidden_until_it_is_published(folder):
    assert folder.name.startswith(".")


def test_a_network_that_does_not_fit_its_preprocessing_leaves_nothing_behind(model, tmp_path):
    with pytest.raises(ValueError, match="expected shape"):
        write(Classifier(model, replace(PREPROCESSING, height=9), CLASSES), tmp_path / "model")
    assert list((tmp_path / "model").iterdir()) == []


# Versions


def unpublished(directory, content):
    """A folder that waits for its version; what is in it does not matter here."""
    temporary = directory / f".{content}"
    temporary.mkdir(parents=True)
    (temporary / "saved_model.pb").write_text(content)
    return temporary


def test_versions_count_up_from_1(tmp_path):
    paths = [publish(unpublished(tmp_path, content), tmp_path) for content in ("a", "b", "c")]
    assert paths == [tmp_path / "1", tmp_path / "2", tmp_path / "3"]
    assert [(path / "saved_model.pb").read_text() for path in paths] == ["a", "b", "c"]


def test_the_next_version_follows_the_largest(tmp_path):
    for name in ("2", "10"):
        (tmp_path / name).mkdir()
    assert publish(unpublished(tmp_path, "a"), tmp_path).name == "11"


def test_what_has_no_number_for_a_name_does_not_count(tmp_path):
    for name in ("best", "²", "-4", "5-copy", ".9"):
        (tmp_path / name).mkdir()
    assert publish(unpublished(tmp_path, "a"), tmp_path).name == "1"


def test_publishers_at_the_same_time_overwrite_nothing(tmp_path):
    contents = [f"model {number}" for number in range(40)]
    waiting = [unpublished(tmp_path, content) for content in contents]
    with ThreadPoolExecutor(8) as publishers:
        paths = list(publishers.map(lambda temporary: publish(temporary, tmp_path), waiting))
    assert sorted(int(path.name) for path in paths) == list(range(1, 41))
    assert [(path / "saved_model.pb").read_text() for path in paths] == contents
    assert len(list(tmp_path.iterdir())) == 40


def test_a_published_version_can_be_read_by_a_server_of_another_user(model, tmp_path):
    path = publish(write(Classifier(model, PREPROCESSING, CLASSES), tmp_path), tmp_path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


def test_what_is_discarded_is_gone_whole(model, tmp_path):
    discard(write(Classifier(model, PREPROCESSING, CLASSES), tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_what_has_been_published_cannot_be_discarded_by_its_old_name(tmp_path):
    temporary = unpublished(tmp_path, "a")
    published = publish(temporary, tmp_path)
    discard(temporary)
    assert (published / "saved_model.pb").read_text() == "a"
