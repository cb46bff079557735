"""Where the answers of `kcnn predict` may be written."""

import pytest

from kcnn.cli.predict_images import free
from kcnn.errors import InputError


def test_no_file_that_is_asked_about_is_replaced_whichever_it_is(tmp_path):
    asked = [tmp_path / "elsewhere" / "a.png", tmp_path / "b.png"]
    asked[0].parent.mkdir()
    for path in (*asked, tmp_path / "a.png"):
        path.touch()

    with pytest.raises(InputError, match="b.png is what is asked about"):
        free([tmp_path / "a.png", tmp_path / "b.png"], asked, tmp_path, overwrite=True)


def test_what_is_there_is_replaced_only_when_that_is_asked_for(tmp_path):
    (tmp_path / "a.png").touch()

    with pytest.raises(InputError, match="a.png is there already"):
        free([tmp_path / "a.png"], [], tmp_path, overwrite=False)
    free([tmp_path / "a.png"], [], tmp_path, overwrite=True)


def test_the_folder_is_made(tmp_path):
    free([tmp_path / "new" / "a.png"], [], tmp_path / "new", overwrite=False)

    assert (tmp_path / "new").is_dir()
