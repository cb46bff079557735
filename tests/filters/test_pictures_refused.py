import struct
import zlib
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from kcnn.errors import DataError, InputError
from kcnn.filters.pictures import Picture, check_output, read, write
from tests.filters.files import DEEP, FLAT, chunk, levels, png_16


def animation():
    frames = [Image.new("L", (4, 4), shade) for shade in (0, 100, 200)]
    encoded = BytesIO()
    frames[0].save(encoded, "GIF", save_all=True, append_images=frames[1:])
    return encoded.getvalue()


def encoded(image, kind):
    content = BytesIO()
    image.save(content, kind)
    return content.getvalue()


WHOLE = {kind: encoded(Image.fromarray(np.tile(FLAT[..., :3], (20, 20, 1))), kind) for kind in ("PNG", "JPEG", "TIFF")}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "picture is empty"),
        (b"name,age\nAda,36\n", "picture is not an image"),
        (animation(), "picture holds 3 pictures, not one"),
        (WHOLE["PNG"][: len(WHOLE["PNG"]) // 2], "picture is truncated or damaged"),
        (WHOLE["JPEG"][: len(WHOLE["JPEG"]) // 2], "picture is truncated or damaged"),
        (WHOLE["TIFF"][: len(WHOLE["TIFF"]) // 2], "picture is truncated or damaged"),
        (WHOLE["PNG"][:12] + b"?" + WHOLE["PNG"][13:], "picture is truncated or damaged"),
        (png_16(DEEP[..., :3], 2)[:100], "picture is truncated or damaged"),
        (encoded(Image.fromarray(np.ones((4, 4), np.float32)), "TIFF"), "pixels of more than 16 bits"),
        (encoded(Image.fromarray(np.ones((4, 4), np.int32)), "TIFF"), "pixels of more than 16 bits"),
        (cv2.imencode(".hdr", np.ones((4, 4, 3), np.float32))[1].tobytes(), "pixels of type float32"),
    ],
)
def test_a_file_that_is_no_whole_picture_is_refused(path, capfd, content, message):
    path.write_bytes(content)

    with pytest.raises(DataError, match=message):
        read(path)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_tiffs_with_planes_of_16_bits_which_both_decoders_misread_are_refused(path, compression):
    options = {"photometric": "rgb", "planarconfig": "separate", "compression": compression}
    tifffile.imwrite(path, FLAT[..., :3].transpose(2, 0, 1).copy(), **options)
    np.testing.assert_array_equal(levels(read(path)), FLAT[..., :3])
    tifffile.imwrite(path, DEEP[..., :3].transpose(2, 0, 1).copy(), **options)

    with pytest.raises(DataError, match="in planes: save it with interleaved ones"):
        read(path)


def test_a_decompression_bomb_is_refused_before_it_is_decoded(path):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b""))

    with pytest.raises(DataError, match="more than 178,956,970 pixels"):
        read(path)


def test_a_device_is_refused():
    with pytest.raises(DataError, match="/dev/null is a device or a pipe, not a file"):
        read(Path("/dev/null"))


def test_where_nothing_can_be_written_the_path_that_was_given_is_named():
    with pytest.raises(InputError, match="^/proc/out.png: "):
        write(Path("/proc/out.png"), Picture(np.zeros((3, 3))))


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(DataError, match="nothing.png: No such file or directory"):
        read(tmp_path / "nothing.png")
    with pytest.raises(DataError, match="Is a directory"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("out.pgn", "unknown picture format '.pgn': did you mean '.png'"),
        ("out", "needs a suffix: .png, .jpg, .jpeg, .tif, .tiff"),
        ("missing/out.png", "there is no folder"),
        ("folder.png", "is a folder"),
        ("input.png", "is being read"),
        ("./link.png", "is being read"),
    ],
)
def test_an_output_that_cannot_be_is_refused(tmp_path, name, message):
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "input.png").write_bytes(b"")
    (tmp_path / "link.png").symlink_to(tmp_path / "input.png")

    with pytest.raises(InputError, match=message):
        check_output(tmp_path / name, tmp_path / "input.png")
