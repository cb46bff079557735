import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps
from skimage.color import rgb2gray

from kcnn.filters.pictures import Picture, grey, read, write
from tests.filters.files import DEEP, FLAT, chunk, levels, png_16

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


ORIENTATION = 0x0112


def exif(orientation):
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    return tags


@pytest.mark.parametrize(
    ("mode", "suffix", "shape"),
    [
        ("1", "png", (5, 7)),
        ("L", "png", (5, 7)),
        ("L", "jpg", (5, 7)),
        ("P", "png", (5, 7, 3)),
        ("P", "gif", (5, 7, 3)),
        ("RGB", "jpg", (5, 7, 3)),
        ("RGB", "bmp", (5, 7, 3)),
        ("RGB", "webp", (5, 7, 3)),
        ("CMYK", "jpg", (5, 7, 3)),
        ("YCbCr", "tif", (5, 7, 3)),
    ],
)
def test_every_mode_is_read_as_pillow_shows_it(tmp_path, mode, suffix, shape):
    path = tmp_path / f"picture.{suffix}"
    Image.fromarray(FLAT[..., :3]).convert(mode).save(path)

    picture = read(path)

    assert (picture.pixels.shape, picture.pixels.dtype) == (shape, np.float32)
    assert (picture.alpha, picture.bits) == (None, 8)
    with Image.open(path) as image:
        expected = np.asarray(image.convert("L" if len(shape) == 2 else "RGB"))
    np.testing.assert_array_equal(levels(picture), expected)


@pytest.mark.parametrize(("mode", "grey_"), [("RGBA", False), ("LA", True), ("PA", False)])
def test_alpha_is_kept_apart(path, mode, grey_):
    image = Image.fromarray(FLAT).convert(mode)
    image.save(path, "TIFF" if mode == "PA" else "PNG")

    picture = read(path)

    expected = np.asarray(image.convert("LA" if grey_ else "RGBA"))
    np.testing.assert_array_equal(levels(picture), expected[..., 0] if grey_ else expected[..., :3])
    np.testing.assert_array_equal(np.rint(255 * picture.alpha), expected[..., -1])


def test_a_colour_that_a_file_calls_transparent_is(path):
    Image.fromarray(FLAT[..., 0]).save(path, "PNG", transparency=int(FLAT[2, 3, 0]))

    np.testing.assert_array_equal(read(path).alpha, FLAT[..., 0] != FLAT[2, 3, 0])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_16_bits_are_kept_and_turned_upright(path, orientation):
    image = Image.fromarray(FLAT[..., :3])
    image.save(path, "PNG", exif=exif(orientation))
    with Image.open(path) as stored:
        upright = np.asarray(ImageOps.exif_transpose(stored))
    tags = chunk(b"eXIf", exif(orientation).tobytes().removeprefix(b"Exif\0\0"))
    path.write_bytes(png_16(DEEP[..., :3], 2, tags))

    picture = read(path)

    assert picture.bits == 16
    np.testing.assert_array_equal(levels(picture) >> 8, upright)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_pictures_are_turned_as_exif_says(path, kind, orientation):
    image = Image.fromarray(np.tile(FLAT[..., :3], (2, 3, 1)))
    image.save(path, kind, exif=exif(orientation))

    with Image.open(path) as stored:
        expected = np.asarray(ImageOps.exif_transpose(stored))

    np.testing.assert_array_equal(levels(read(path)), expected)


@pytest.mark.parametrize("orientation", [1, 2, 3, 4, 6, 8])
def test_grey_tiffs_of_16_bits_are_turned_too(path, orientation):
    Image.fromarray(DEEP[..., 0]).save(path, "TIFF", exif=exif(orientation))
    turns = {1: 0, 3: 2, 6: -1, 8: 1}
    mirrored = {2: DEEP[:, ::-1, 0], 4: DEEP[::-1, :, 0]}

    picture = read(path)

    expected = np.rot90(DEEP[..., 0], turns[orientation]) if orientation in turns else mirrored[orientation]
    assert picture.bits == 16
    np.testing.assert_array_equal(levels(picture), expected)


def test_grey_with_alpha_of_16_bits_is_read(path):
    path.write_bytes(png_16(DEEP[..., :2], 4))

    picture = read(path)

    np.testing.assert_array_equal(levels(picture), DEEP[..., 0])
    np.testing.assert_array_equal(np.rint(65535 * picture.alpha), DEEP[..., 1])


@pytest.mark.parametrize("suffix", [".pgm", ".ppm"])
def test_portable_maps_of_16_bits_keep_them(tmp_path, suffix):
    path = tmp_path / f"picture{suffix}"
    cv2.imwrite(str(path), DEEP[..., 0] if suffix == ".pgm" else DEEP[..., 2::-1])

    picture = read(path)

    assert picture.bits == 16
    np.testing.assert_array_equal(levels(picture), DEEP[..., 0] if suffix == ".pgm" else DEEP[..., :3])


def test_what_pillow_does_not_know_opencv_reads(tmp_path):
    path = tmp_path / "picture.ras"
    cv2.imwrite(str(path), np.ascontiguousarray(FLAT[..., 2::-1]))

    np.testing.assert_array_equal(levels(read(path)), FLAT[..., :3])


def test_of_the_pictures_of_a_camera_s_file_the_first_is_read(path):
    image = Image.fromarray(FLAT[..., :3])
    image.save(path, "MPO", save_all=True, append_images=[Image.new("RGB", (3, 3))])

    assert read(path).pixels.shape == (5, 7, 3)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("transparent", [False, True])
def test_what_is_written_is_read_again(tmp_path, suffix, bits, colour, transparent):
    values = (DEEP >> (16 - bits)) / np.float32(2**bits - 1)
    picture = Picture(values[..., :3] if colour else values[..., 0], values[..., 3] if transparent else None, bits)

    write(tmp_path / f"picture{suffix}", picture)
    again = read(tmp_path / f"picture{suffix}")

    assert again.bits == bits
    if bits == 16 and transparent and not colour:  # OpenCV writes these as colour.
        again = Picture(again.pixels[..., 1], again.alpha, 16)
    np.testing.assert_array_equal(again.pixels, picture.pixels)
    np.testing.assert_array_equal(again.alpha, picture.alpha)


@pytest.mark.parametrize(("suffix", "bits"), [(".png", 8), (".png", 16), (".tif", 8), (".jpg", 8)])
def test_the_colour_profile_stays(tmp_path, suffix, bits):
    write(tmp_path / f"picture{suffix}", Picture(DEEP[..., :3] / 65535, None, bits, SRGB))

    assert read(tmp_path / f"picture{suffix}").profile == SRGB


def test_a_jpeg_shows_what_is_transparent_as_white(tmp_path):
    picture = Picture(np.zeros((16, 16, 3)), np.zeros((16, 16)), 16)

    write(tmp_path / "picture.jpg", picture)

    again = read(tmp_path / "picture.jpg")
    assert (again.alpha, again.bits) == (None, 8)
    np.testing.assert_array_equal(again.pixels, 1)


def test_values_outside_0_to_1_are_cut_off(tmp_path):
    write(tmp_path / "picture.png", Picture(np.array([[-0.5, 0.5, 1.5]])))

    np.testing.assert_array_equal(levels(read(tmp_path / "picture.png")), [[0, 128, 255]])


def test_grey_is_the_luminance_of_opencv_and_pillow_and_grey_stays():
    image = FLAT[..., :3]

    luminance = grey(image / 255)

    np.testing.assert_allclose(255 * luminance, cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), atol=0.51)
    np.testing.assert_allclose(255 * luminance, np.asarray(Image.fromarray(image).convert("L")), atol=1)
    assert np.abs(luminance - rgb2gray(image)).max() > 0.01  # BT.709, another weighting
    np.testing.assert_array_equal(grey(luminance), luminance)


def test_on_white_paper_what_is_half_transparent_is_half_white():
    picture = Picture(np.full((2, 2, 3), 0.2), np.full((2, 2), 0.5))

    np.testing.assert_allclose(picture.on_white, 0.6)


def test_writing_replaces_a_file_as_a_whole(tmp_path):
    (tmp_path / "out.png").write_bytes(b"old")

    write(tmp_path / "out.png", Picture(np.zeros((3, 3))))

    assert [each.name for each in tmp_path.iterdir()] == ["out.png"]
    assert read(tmp_path / "out.png").pixels.shape == (3, 3)
