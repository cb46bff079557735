"""`kcnn show` and `kcnn models` for what is no image."""

import json

import pytest

from kcnn.cli.main import call


def rows(capsys, *arguments):
    assert call(["show", *arguments]) == 0
    return [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]


def test_a_network_of_series_is_shown_as_a_table(capsys):
    lines = rows(capsys, "tcn", "levels=2", "answer=every", "--input", "784x1", "--classes", "10")

    assert "stage2_block1 8x 24 dilated 2, 8x 24 dilated 2 784 x 24 9,312 7,225,344 43" in lines
    assert not any(line.startswith("pooled") for line in lines)
    assert lines[-1].endswith("multiply-adds a series")


def test_what_a_recurrent_network_sees_is_the_series(capsys):
    assert "stage1_block1 lstm 130 784 x 130 68,640 53,406,080 series" in rows(capsys, "lstm", "--input", "784x1")


def test_a_network_of_texts_is_shown_as_a_table(capsys):
    lines = rows(capsys, "text_cnn", "embedding=multichannel", "vocabulary=1000", "--input", "40")

    assert "window5 5x 100, max 100 150,100 6,600,000 text" in lines
    assert "words 1,000 vectors of 300, 1,000 vectors of 300 40 x 300 600,000 0 1" in lines
    assert lines[-1] == "660,902 trainable parameters, 300,000 others, 15,540,600 multiply-adds a text"


def test_a_network_of_clips_is_shown_with_the_frames_and_pixels_that_a_place_sees(capsys):
    small = ("width=0.125", "units=128", "small_stem=true", "--input", "16x32x32x1", "--classes", "6")
    lines = rows(capsys, "slow_fusion", *small)

    assert "conv2 3x5x5 32 /2x1x1, 1x2x2 max /1x2x2 3 x 8 x 8 x 32 38,432 29,491,200 8 frames, 14 pixels" in lines
    assert "fc2 dense 128 128 16,512 16,384 16 frames, whole" in lines
    assert lines[-1].endswith("multiply-adds a clip")


def test_the_frames_of_clips_are_in_the_json_and_of_images_not(capsys):
    assert call(["show", "c3d_small", "--json"]) == 0
    assert call(["show", "lenet5", "--json"]) == 0
    clips, images = (json.loads(line)["blocks"][1] for line in capsys.readouterr().out.splitlines())

    assert (clips["frames"], clips["receptive_field"]) == (3, 4)
    assert "frames" not in images


def test_a_series_may_have_a_single_number_for_its_answer(capsys):
    assert call(["show", "gru", "--classes", "1", "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["blocks"][-1]["output_shape"] == [1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tcn", "--input", "784"], "--input must be STEPSxCHANNELS, for example 784x1, got '784'"),
        (["text_cnn", "--input", "56x1"], "--input must be WORDS, for example 56, got '56x1'"),
        (["c3d_small", "--input", "32x32x1"], "--input must be TxHxWxC, for example 16x64x64x3, got '32x32x1'"),
        (["c3d_small", "--input", "3x32x32x1"], "c3d_small needs clips of at least 4x8x8 (frames x height x width)"),
        (["tcn", "--input", "0x2"], "input_shape must be (steps, channels), each at least 1, or None for any number"),
        (["text_cnn", "--classes", "1"], "classes must be a whole number of at least 2, got 1"),
        (["lenet5", "--classes", "1"], "classes must be a whole number of at least 2, got 1"),
        (["tcn", "answr=every"], "unknown option of tcn 'answr': did you mean 'answer'?"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_line(arguments, message, capsys):
    assert call(["show", *arguments]) == 2

    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert message in line


def test_the_data_that_a_model_learns_from_are_listed(capsys):
    assert call(["models", "--json"]) == 0
    listed = {row["name"]: row for row in json.loads(capsys.readouterr().out)["models"]}

    names = ("lenet5", "unet", "lstm", "text_cnn", "conditional_wavenet", "r3d_18")
    assert {name: listed[name]["data"] for name in names} == {
        "lenet5": "images",
        "unet": "masks",
        "lstm": "series",
        "text_cnn": "text",
        "conditional_wavenet": "forecast",
        "r3d_18": "video",
    }
    assert listed["tcn"]["input_shape"] == [600, 2]
