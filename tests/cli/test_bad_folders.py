"""Faults in a folder of images: exit code 3, the file by name, and nothing trained."""

import pytest

from kcnn.cli.main import call


@pytest.fixture
def attempt(here, photographs, capsys, monkeypatch):
    """Train on the folder; exit code and the last line on stderr."""

    def train(*changes):
        code = call(["train", "resnet20_folder", "--data", str(photographs), "epochs=1", "data.size=16", *changes])
        return code, capsys.readouterr().err.splitlines()[-1]

    return train


def test_no_such_folder(here, capsys):
    assert call(["train", "resnet20_folder", "--data", "./phtos"]) == 3
    (line,) = capsys.readouterr().err.splitlines()
    assert "phtos" in line


def test_a_folder_without_images(attempt, photographs):
    for path in photographs.rglob("*.png"):
        path.unlink()
    code, line = attempt()
    assert code == 3
    assert "image" in line


def test_one_class(attempt, photographs):
    for path in (photographs / "red").iterdir():
        path.unlink()
    (photographs / "red").rmdir()
    code, line = attempt()
    assert code == 3
    assert "blue" in line


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (lambda whole: b"", "bad.jpg (empty)"),
        (lambda whole: whole[: len(whole) // 2], "bad.jpg (truncated or damaged)"),
        (lambda whole: b"this is not an image", "bad.jpg (not an image)"),
    ],
    ids=["zero bytes", "truncated", "text"],
)
def test_a_file_that_is_no_image(attempt, photographs, here, content, says):
    whole = next((photographs / "red").iterdir()).read_bytes()
    (photographs / "red" / "bad.jpg").write_bytes(content(whole))
    code, line = attempt()
    assert code == 3
    assert says in line
    assert "data.bad_files=skip" in line
    assert not any((here / ".kcnn" / "checkpoints").iterdir())


def test_bad_files_can_be_left_out_and_are_counted(attempt, photographs, capsys):
    (photographs / "red" / "bad.jpg").write_bytes(b"this is not an image")
    code = call(
        ["train", "resnet20_folder", "--data", str(photographs), "epochs=1", "data.size=16", "data.bad_files=skip"]
    )
    printed = capsys.readouterr().err
    assert code == 0
    assert "left out 1 image" in printed
    assert "bad.jpg" in printed
