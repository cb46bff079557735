"""What `kcnn filters` refuses: one line, and an exit code."""

import os
import subprocess

import numpy as np
import pytest
from PIL import Image

from kcnn.cli.main import call
from tests.cli.pictures import CHINA, save
from tests.tools import KCNN


@pytest.fixture
def refused(here, capsys):
    """Call `kcnn filters ...`; its exit code and the one line on stderr."""

    def attempt(*arguments):
        before = sorted(here.rglob("*"))
        code = call(["filters", *map(str, arguments)])
        printed = capsys.readouterr()
        assert printed.out == ""
        assert sorted(here.rglob("*")) == before
        (line,) = printed.err.splitlines()
        return code, line

    return attempt


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["egdes", "photo.png"], "unknown filter 'egdes': did you mean 'edges'?"),
        (["edges", "photo.png"], "-o"),
        (["edges", "photo.png", "-o", "out.pgn"], "unknown picture format '.pgn': did you mean '.png'?"),
        (["edges", "photo.png", "-o", "nowhere/out.png"], "there is no folder nowhere"),
        (["edges", "photo.png", "-o", "photo.png"], "photo.png is being read"),
        (["match", "photo.png", "small.png", "-o", "small.png"], "small.png is being read"),
        (["edges", "photo.png", "-o", "out.png", "--method", "cany"], "cany"),
        (["edges", "photo.png", "-o", "out.png", "--low", "0.5", "--high", "0.2"], "0 <= low <= high"),
        (["edges", "photo.png", "-o", "out.png", "--method", "sobel", "--low", "1"], "go with --method canny"),
        (["edges", "photo.png", "-o", "out.png", "--sigma", "-1"], "--sigma"),
        (["blur", "photo.png", "-o", "out.png", "--size", "0"], "--size"),
        (["gabor", "photo.png", "-o", "out.png", "--window", "4"], "window must be odd, got 4"),
        (["match", "small.png", "photo.png", "-o", "out.png"], "fits into the image"),
        (["match", "photo.png", "even.png", "-o", "out.png"], "template must not be flat"),
        (["match", "photo.png", "small.png", "-o", "out.png", "--scales", "1;2"], "--scales must be numbers"),
        (["match", "photo.png", "small.png", "-o", "out.png", "--angles", "nan"], "--angles must be numbers"),
    ],
)
def test_what_the_caller_can_mend_is_one_line_and_exit_code_2(photograph, refused, arguments, says):
    save("small.png", CHINA[100:130, 200:240])
    save("even.png", np.full((20, 20), 90, np.uint8))

    code, line = refused(*arguments)

    assert says in line
    assert code == 2


@pytest.mark.parametrize("command", [["blur"], ["edges"], ["keypoints"], ["match", "photo.png"]])
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing.png", "missing.png: No such file or directory"),
        ("empty.png", "empty.png is empty"),
        ("text.png", "text.png is not an image"),
        ("half.png", "half.png is truncated or damaged"),
        ("folder.png", "folder.png: Is a directory"),
        ("moving.gif", "moving.gif holds 2 pictures, not one"),
        (300 * "a" + ".png", "aaa.png: File name too long"),
    ],
)
def test_a_file_that_is_no_picture_is_one_line_and_exit_code_3(photograph, refused, here, command, name, says):
    (here / "empty.png").touch()
    (here / "text.png").write_text("name,age\n")
    (here / "half.png").write_bytes(photograph.read_bytes()[:5000])
    (here / "folder.png").mkdir()
    frames = [Image.new("L", (8, 8), shade) for shade in (0, 200)]
    frames[0].save("moving.gif", save_all=True, append_images=frames[1:])

    code, line = refused(*command, name, "-o", "out.png")

    assert says in line
    assert code == 3


def test_a_template_of_one_pixel_is_refused(here, refused):
    save("pixel.png", np.full((1, 1, 3), 90, np.uint8))

    assert refused("match", "pixel.png", "pixel.png", "-o", "out.png") == (
        2,
        "kcnn: the template must not be flat: it would match everywhere",
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["blur", "photo.png", "--kernel", "box", "--sigma", "50"], "--sigma goes with --kernel gaussian"),
        (["blur", "photo.png", "--kernel", "binomial", "--sigma", "2"], "--sigma goes with --kernel gaussian"),
        (["gabor", "photo.png", "--wavelength", "2"], "'--wavelength': 2.0 is not in the range 3<=x<=200"),
        (["match", "photo.png", "photo.png", "--scales", "1e-300"], "no form of the template"),
        (["match", "photo.png", "photo.png", "--scales", "1000"], "no form of the template"),
    ],
)
def test_options_that_make_no_sense_are_refused(photograph, refused, arguments, says):
    code, line = refused(*arguments, "-o", "out.png")

    assert code == 2
    assert says in line


@pytest.mark.parametrize(
    "arguments",
    [
        "blur photo.png --sigma",
        "sharpen photo.png --amount",
        "sharpen photo.png --sigma",
        "edges photo.png --sigma",
        "edges photo.png --low",
        "edges photo.png --high",
        "gabor photo.png --wavelength",
        "match photo.png photo.png --threshold",
        "keypoints photo.png --ratio",
    ],
)
def test_what_is_no_number_is_refused_for_each_option_by_its_name(photograph, refused, arguments):
    code, line = refused(*arguments.split(), "nan", "-o", "out.png")

    assert code == 2
    assert line == f"kcnn: Invalid value for '{arguments.split()[-1]}': 'nan' is not a number."


def test_a_pipe_is_refused_and_not_waited_for(here):
    os.mkfifo("pipe.png")
    command = [KCNN, "filters", "blur", "pipe.png", "-o", "out.png"]

    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)

    assert (done.returncode, done.stderr) == (3, "kcnn: pipe.png is a device or a pipe, not a file\n")


def test_where_nothing_can_be_written_the_path_that_was_given_is_named(photograph, refused):
    code, line = refused("blur", "photo.png", "-o", "/proc/out.png")

    assert code == 2
    assert line.startswith("kcnn: /proc/out.png: ")
