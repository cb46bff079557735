"""`models.config`, read by TF Serving's own messages."""

import pytest
from google.protobuf import text_format
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from kcnn.serving.config import write_models_config


def model(directory, name, version="1"):
    folder = directory / name / version
    folder.mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"")


def written(directory, **options):
    path = write_models_config(directory, **options)
    return list(text_format.Parse(path.read_text(), ModelServerConfig()).model_config_list.config)


def test_every_model_is_listed_where_tf_serving_sees_it(tmp_path):
    model(tmp_path, "lenet")
    model(tmp_path, "alexnet")
    assert [(each.name, each.base_path) for each in written(tmp_path)] == [
        ("alexnet", "/models/alexnet"),
        ("lenet", "/models/lenet"),
    ]


def test_tf_serving_may_see_the_directory_elsewhere(tmp_path):
    model(tmp_path, "lenet")
    assert written(tmp_path, base="/mnt/exports")[0].base_path == "/mnt/exports/lenet"


def test_all_versions_of_a_tensorflow_model_are_served(tmp_path):
    model(tmp_path, "lenet")
    (config,) = written(tmp_path)
    assert config.model_platform == "tensorflow"
    assert config.model_version_policy.WhichOneof("policy_choice") == "all"


@pytest.mark.parametrize("name", ['say "cheese"', "grün", "back\\slash"])
def test_a_name_with_quotes_or_umlauts_arrives_whole(tmp_path, name):
    model(tmp_path, name)
    (config,) = written(tmp_path)
    assert (config.name, config.base_path) == (name, f"/models/{name}")


def test_folders_without_versions_are_left_out(tmp_path):
    model(tmp_path, "lenet")
    model(tmp_path, "unfinished", ".exporting-abc")
    model(tmp_path, "named", "best")
    (tmp_path / "bare" / "1").mkdir(parents=True)
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("")
    assert [each.name for each in written(tmp_path)] == ["lenet"]


def test_without_models_the_list_is_there_and_empty(tmp_path):
    assert written(tmp_path) == []


def test_a_second_writing_replaces_the_first_and_leaves_nothing_else(tmp_path):
    write_models_config(tmp_path)
    model(tmp_path, "lenet")
    assert [each.name for each in written(tmp_path)] == ["lenet"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lenet", "models.config"]
