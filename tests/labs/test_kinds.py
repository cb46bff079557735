import os

import pytest

from kcnn.labs.kinds import KINDS, convolutional, prepared_in, read, recurrent, size, there


@pytest.mark.parametrize(
    "name", ["series", "video", *(pytest.param(kind, marks=pytest.mark.data) for kind in ("text", "audio"))]
)
def test_the_lstm_has_as_many_weights(name, request):
    folder = request.getfixturevalue("data") if KINDS[name].external else None
    source = read(KINDS[name].data, folder)

    convolution = convolutional(KINDS[name], source)
    lstm = recurrent(KINDS[name], source, size(convolution))

    assert size(lstm) == pytest.approx(size(convolution), rel=0.1)


def test_the_variable_of_tensorflow_datasets_is_kept_or_lent(monkeypatch, tmp_path):
    monkeypatch.delenv("TFDS_DATA_DIR", raising=False)
    with prepared_in(tmp_path):
        assert os.environ["TFDS_DATA_DIR"] == str(tmp_path)
    assert "TFDS_DATA_DIR" not in os.environ

    monkeypatch.setenv("TFDS_DATA_DIR", "mine")
    with prepared_in(tmp_path):
        assert os.environ["TFDS_DATA_DIR"] == "mine"
    assert os.environ["TFDS_DATA_DIR"] == "mine"


def test_a_kind_is_there_where_its_folder_is(tmp_path):
    assert there(KINDS["series"], None)
    assert not there(KINDS["text"], None)
    assert not there(KINDS["audio"], tmp_path)

    (tmp_path / "tfds" / "spoken_digit").mkdir(parents=True)
    assert there(KINDS["audio"], tmp_path)
    assert not there(KINDS["text"], tmp_path)
