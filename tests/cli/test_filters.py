"""`kcnn filters` on real files of every kind, and on those that it has to refuse."""

import json
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_sample_image

from kcnn.cli.filters import DETECTORS
from kcnn.cli.main import call
from kcnn.filters import edges
from kcnn.filters.convolution import filtered
from kcnn.filters.kernels import box, gaussian
from kcnn.filters.keypoints import METHODS
from kcnn.filters.pictures import grey, read
from kcnn.filters.sharpen import unsharp
from tests.cli.pictures import CHINA, save
from tests.tools import KCNN

ORIENTATION = 0x0112


@pytest.fixture
def answer(here, capsys):
    """Call `kcnn filters ... --json`; the object it prints."""

    def ask(*arguments):
        assert call(["filters", *map(str, arguments), "--json"]) == 0
        (line,) = capsys.readouterr().out.splitlines()
        return json.loads(line)

    return ask


@pytest.mark.parametrize(
    ("options", "taps"), [([], gaussian(2.0)), (["--sigma", "1"], gaussian(1.0)), (["--kernel", "box"], box(5))]
)
def test_blur_writes_the_blurred_picture(photograph, answer, options, taps):
    said = answer("blur", photograph, "-o", "out.png", *options)

    given = read(photograph).pixels
    np.testing.assert_allclose(read(photograph.with_name("out.png")).pixels, filtered(given, taps), atol=0.6 / 255)
    assert said["picture"] == str(photograph) and said["output"] == "out.png"
    assert said["size"] == len(taps)


def test_sharpen_writes_the_sharpened_picture(photograph, answer):
    answer("sharpen", photograph, "-o", "out.png", "--amount", "0.5")

    expected = unsharp(read(photograph).pixels, 0.5, gaussian(1.0)).clip(0, 1)
    np.testing.assert_allclose(read(photograph.with_name("out.png")).pixels, expected, atol=0.6 / 255)


def test_canny_s_edges_are_white_on_black(photograph, answer):
    said = answer("edges", photograph, "-o", "out.png", "--low", "0.2", "--high", "0.5")

    expected = edges.canny(grey(read(photograph).pixels), 0.2, 0.5)
    drawn = read(photograph.with_name("out.png"))
    np.testing.assert_array_equal(drawn.pixels, expected)
    assert drawn.bits == 8
    assert said["edge_pixels"] == expected.sum()


@pytest.mark.parametrize(("method", "middle"), [("sobel", 0), ("prewitt", 0), ("laplacian", 0.5)])
def test_other_edges_fill_the_range_of_grey(photograph, answer, method, middle):
    answer("edges", photograph, "-o", "out.png", "--method", method)

    drawn = read(photograph.with_name("out.png")).pixels
    assert drawn.shape == (200, 300)
    assert drawn.max() == 1
    assert abs(np.median(drawn) - middle) < 0.15


@pytest.mark.parametrize("method", ["canny", "sobel", "prewitt", "laplacian"])
@pytest.mark.parametrize("size", [(1, 1), (3, 2), (40, 40)])
def test_a_picture_of_one_colour_and_any_size_has_no_edges(answer, here, method, size):
    save("even.png", np.full(size, 90, np.uint8))

    answer("edges", "even.png", "-o", "out.png", "--method", method)

    assert np.unique(read(here / "out.png").pixels).size == 1


@pytest.mark.parametrize("command", ["blur", "sharpen"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_depth_colours_and_transparency_stay(answer, here, command, bits, channels):
    image = np.dstack([CHINA[100:160, 200:270], CHINA[100:160, 200:270, :1]])[..., :channels]
    stored = image.astype(np.uint16) * 257 if bits == 16 else image
    cv2.imwrite("photo.png", np.ascontiguousarray(stored.squeeze()))

    answer(command, "photo.png", "-o", "out.tif")

    before, after = read(here / "photo.png"), read(here / "out.tif")
    assert (after.bits, after.pixels.shape) == (bits, before.pixels.shape)
    np.testing.assert_array_equal(after.alpha, before.alpha)
    assert 0 < np.abs(after.pixels - before.pixels).mean() < 0.2


def test_hidden_colours_do_not_bleed_into_a_blur(answer, here):
    image = np.zeros((40, 40, 4), np.uint8)
    image[:, :20] = (200, 0, 0, 255)
    image[:, 20:] = (0, 0, 255, 0)
    save("cut_out.png", image)

    answer("blur", "cut_out.png", "-o", "out.png")

    np.testing.assert_array_equal(np.rint(255 * read(here / "out.png").pixels[:, :20]), image[:, :20, :3])


@pytest.mark.parametrize("kind", ["grey", "LA", "CMYK", "palette", "16-bit", "turned"])
@pytest.mark.parametrize("command", ["blur", "sharpen", "edges", "gabor", "keypoints"])
def test_photographs_of_every_kind_are_taken(answer, here, kind, command):
    image = Image.fromarray(CHINA[50:150, 150:270])
    if kind == "16-bit":
        cv2.imwrite("photo.tif", CHINA[50:150, 150:270].astype(np.uint16) * 257)
    elif kind == "turned":
        tags = Image.Exif()
        tags[ORIENTATION] = 6
        image.save("photo.tif", exif=tags)
    else:
        modes = {"grey": "L", "palette": "P"}
        image.convert(modes.get(kind, kind)).save("photo.tif")

    answer(command, "photo.tif", "-o", "out.png")

    height, width = read(here / "out.png").pixels.shape[:2]
    if command in ("blur", "sharpen", "edges"):
        assert (height, width) == ((120, 100) if kind == "turned" else (100, 120))


def test_a_large_picture_is_shrunk_for_the_sheet_of_gabor_filters(answer, here):
    save("photo.png", np.tile(CHINA, (3, 3, 1)))

    answer("gabor", "photo.png", "-o", "out.png", "--orientations", "2")

    height, width = read(here / "out.png").pixels.shape[:2]
    assert 2048 < width < 2048 + 50
    assert height > 2 * 680


def test_a_template_is_found_listed_and_framed(photograph, answer, here):
    save("detail.png", CHINA[100:130, 200:240])

    said = answer("match", photograph, "detail.png", "-o", "out.png")

    (found,) = said["matches"]
    assert (found["row"], found["column"]) == (pytest.approx(64.5, abs=0.1), pytest.approx(119.5, abs=0.1))
    assert found["score"] == pytest.approx(1, abs=1e-3)
    assert (found["size"], found["scale"], found["angle"]) == ([30, 40], 1, 0)
    changed = np.argwhere((read(here / "out.png").pixels != read(photograph).pixels).any(axis=-1))
    assert (np.abs(changed - (64.5, 119.5)).max(axis=0) < (18, 23)).all()


def test_a_turned_and_enlarged_template_is_found_when_it_is_looked_for(photograph, answer, capsys):
    to = cv2.getRotationMatrix2D((150, 100), 30, 1.5)
    save("turned.png", cv2.warpAffine(CHINA[50:250, 100:400], to, (300, 200), flags=cv2.INTER_CUBIC))
    save("detail.png", CHINA[130:170, 230:280])

    plain = answer("match", "turned.png", "detail.png", "-o", "out.png")
    said = answer(
        "match", "turned.png", "detail.png", "-o", "out.png", "--scales", "1,1.5", "--angles", "0,30", "--count", 1
    )

    assert plain["matches"] == []
    (found,) = said["matches"]
    assert (found["scale"], found["angle"]) == (1.5, 30)


def test_places_are_listed_for_people_and_so_is_that_there_are_none(photograph, capsys):
    save("detail.png", CHINA[100:130, 200:240])
    save("other.png", load_sample_image("flower.jpg")[200:230, 300:330])

    assert call(["filters", "match", "photo.png", "detail.png", "-o", "out.png"]) == 0
    assert "64.5" in capsys.readouterr().out
    assert call(["filters", "match", "photo.png", "other.png", "-o", "out.png"]) == 0
    assert "No place scores 0.7: the best one has 0." in capsys.readouterr().out


def test_every_detector_can_be_named():
    assert set(DETECTORS) == set(METHODS)


def test_keypoints_are_counted_and_drawn(photograph, answer, here):
    said = answer("keypoints", photograph, "-o", "out.png", "--method", "orb")

    assert said["keypoints"] > 200
    assert read(here / "out.png").pixels.shape == (600, 900, 3)


def test_two_pictures_of_one_thing_are_matched_by_a_homography(photograph, answer, here):
    truth = cv2.getRotationMatrix2D((150, 100), 15, 0.9)
    save("other.png", cv2.warpAffine(CHINA[50:250, 100:400], truth, (300, 200)))

    said = answer("keypoints", photograph, "other.png", "-o", "out.png")

    np.testing.assert_allclose(np.array(said["homography"])[:2], truth, atol=1)
    assert 50 < said["inliers"] <= said["matches"] <= min(said["keypoints"])


def test_two_pictures_of_different_things_have_no_homography(photograph, answer):
    save("other.png", load_sample_image("flower.jpg"))

    said = answer("keypoints", photograph, "other.png", "-o", "out.png")

    assert (said["homography"], said["inliers"]) == (None, 0)


@pytest.mark.parametrize("arguments", [["--help"], ["egdes", "photo.png"], ["edges", "--help"]])
def test_help_and_a_typo_answer_in_under_four_tenths_of_a_second(arguments):
    seconds = []
    while len(seconds) < 20 and min(seconds, default=1.0) >= 0.4:  # other tests share the machine
        begin = time.perf_counter()
        subprocess.run([KCNN, "filters", *arguments], check=False, capture_output=True)
        seconds.append(time.perf_counter() - begin)
    assert min(seconds) < 0.4


def test_filters_do_not_import_tensorflow(photograph):
    code = "import sys; from kcnn.cli.main import call; call(sys.argv[1:]); print('tensorflow' in sys.modules)"
    command = [sys.executable, "-c", code, "filters", "keypoints", "photo.png", "-o", "out.png"]

    done = subprocess.run(command, check=True, capture_output=True, text=True)

    assert done.stdout.split() == ["False"]


@pytest.mark.data
@pytest.mark.parametrize("command", ["blur", "sharpen", "edges", "gabor", "keypoints"])
def test_real_photographs_are_taken(answer, data, here, command):
    photographs = sorted((data / "hymenoptera" / "val" / "ants").glob("*.jpg"))[:3]

    for photograph in photographs:
        answer(command, photograph, "-o", "out.jpg")
        assert read(here / "out.jpg").pixels.std() > 0.05


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 300, 3), (300, 1, 3)])
@pytest.mark.parametrize(
    "command",
    ["blur", "sharpen", "edges", "gabor", *(f"keypoints --method {method}" for method in DETECTORS)],
)
def test_thin_pictures_are_pictures(here, answer, command, shape):
    save("thin.png", np.random.default_rng(0).integers(0, 256, shape, np.uint8))

    assert answer(*command.split(), "thin.png", "-o", "out.png")["output"] == "out.png"
    assert read(here / "out.png").pixels.size > 0


@pytest.mark.parametrize(("shape", "place"), [((1, 300, 3), (0, 59.5)), ((300, 1, 3), (59.5, 0))])
def test_a_template_is_found_in_a_thin_picture(here, answer, shape, place):
    thin = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    save("thin.png", thin)
    save("detail.png", thin[:, 50:70] if shape[0] == 1 else thin[50:70])

    (found,) = answer("match", "thin.png", "detail.png", "-o", "out.png")["matches"]

    assert (found["row"], found["column"]) == place


def test_scales_at_which_a_template_does_not_fit_or_vanishes_are_left_out(photograph, answer):
    save("detail.png", CHINA[100:130, 200:240])

    (found,) = answer("match", photograph, "detail.png", "-o", "out.png", "--scales", "0.01,1,1000")["matches"]

    assert found["scale"] == 1


def test_a_long_binomial_kernel_blurs(photograph, answer):
    assert answer("blur", "photo.png", "--kernel", "binomial", "--size", "2000", "-o", "out.png")["size"] == 2000


def test_as_many_keypoints_as_there_are_are_found_by_orb_too(photograph, answer):
    assert answer("keypoints", "photo.png", "--method", "orb", "-o", "out.png")["keypoints"] > 500


def test_more_keypoints_than_usual_are_found_where_more_are_to_be_drawn(answer, here):
    save("noise.png", np.random.default_rng(0).integers(0, 256, (400, 400), np.uint8))
    found = [
        answer("keypoints", "noise.png", "--method", "orb", "-o", "out.png", *count)["keypoints"]
        for count in ([], ["--count", 15_000])
    ]

    assert found[0] <= 10_000 < found[1]


def test_pictures_that_have_nothing_in_common_are_told_so(photograph, here, capsys):
    save("other.png", np.random.default_rng(0).integers(0, 255, (100, 100, 3), np.uint8))

    assert call(["filters", "keypoints", "photo.png", "other.png", "-o", "out.png"]) == 0

    assert "No homography" in capsys.readouterr().err


def test_the_help_says_whole_sentences(capsys):
    call(["filters", "--help"])

    assert "..." not in capsys.readouterr().out.split("Commands:")[1]
