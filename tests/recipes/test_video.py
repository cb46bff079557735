"""The part of a recipe that names clips."""

import json

import pytest

from kcnn.errors import InputError
from kcnn.recipes import from_json, load, override, to_json
from kcnn.recipes.overrides import parse
from kcnn.recipes.video import Video


def test_it_survives_json():
    video = Video(source="clips", frames=8, rate=12.5, size=(48, 64), channels=1, bad_files="skip")

    assert from_json(Video, json.loads(json.dumps(to_json(video)))) == video


def test_only_the_source_has_to_be_given():
    video = Video(source="motions")

    assert (video.kind, video.frames, video.rate, video.size, video.channels) == ("video", 16, None, None, None)
    assert (video.fit, video.examples, video.validation, video.bad_files) == ("cover", 2000, 0.1, "refuse")


def test_a_recipe_is_switched_to_clips_on_the_command_line():
    changes = parse(["data=video", "data.source=clips", "data.size=[48, 64]", "frames=8", "rate=10"])

    recipe = override(load("resnet20_folder"), changes)

    assert recipe.video == Video(source="clips", size=(48, 64), frames=8, rate=10)


def test_one_number_is_height_and_width_as_an_image_s_size_is():
    assert override(load("resnet20_folder"), parse(["data=video", "data.size=48"])).video.size == (48, 48)


def test_generated_clips_are_as_many_as_is_said():
    assert Video(source="motions", examples=100).examples == 100


def test_a_recipe_for_something_else_has_no_clips():
    with pytest.raises(InputError, match=r"lenet5_digits learns from data\.kind=images, clips are needed"):
        _ = load("lenet5_digits").video


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"source": ""}, "source must be text of at least 1 character, got ''"),
        ({"frames": 0}, "frames must be greater than 0, got 0"),
        ({"frames": 1.5}, "frames must be a valid integer, got 1.5"),
        ({"rate": 0}, "rate must be greater than 0, got 0"),
        ({"rate": 10, "source": "motions"}, "rate must be left out where clips are generated: their frames have no"),
        ({"size": [32]}, "size.1 is required"),
        ({"size": -1}, "size.0 must be greater than 0, got -1"),
        ({"size": [32, 0]}, "size.1 must be greater than 0, got 0"),
        ({"channels": 2}, "channels must be 1 or 3, got 2"),
        ({"fit": "crop"}, "fit must be 'cover', 'pad' or 'stretch', got 'crop'"),
        ({"examples": 100}, "examples must be left out where clips are files: all of them are read, got 100"),
        ({"examples": 0}, "examples must be greater than 0, got 0"),
        ({"bad_files": "drop"}, "bad_files must be 'refuse' or 'skip', got 'drop'"),
        ({"frame": 8}, "unknown key 'frame': did you mean 'frames'?"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_path_rule_and_value(values, message):
    with pytest.raises(InputError) as refused:
        from_json(Video, {"source": "clips"} | values)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)
