"""`kcnn filters` and its subcommands: classical image processing on one picture."""

from collections.abc import Callable
from math import isnan
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from kcnn.cli.group import Group
from kcnn.cli.output import json_option, print_json, print_table, say
from kcnn.errors import InputError

DETECTORS = ("sift", "orb", "akaze")
LARGEST_SIGMA, LARGEST_KERNEL = 1000, 9999
MATCHED = 10_000
"""Keypoints taken of a picture unless more are to be drawn: the time to match them grows with their square."""
SHEET = 1024
"""Pixels of the longer side of a tile in the sheet of Gabor filters."""


class Filters(Group):
    """The commands below."""

    noun = "filter"


_picture = click.argument("picture", type=click.Path(path_type=Path))
_output = click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="The picture to write: .png, .jpg or .tif."
)


class _Range(click.FloatRange):
    """Numbers from one to another; what is none, nan, is refused too."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """As click does, but for nan."""
        number = super().convert(value, param, ctx)
        if isnan(number):
            self.fail(f"{value!r} is not a number.", param, ctx)
        return number


def _sigma(default: float, least: float = 0.1) -> Callable[..., Any]:
    of = _Range(least, LARGEST_SIGMA)
    return click.option("--sigma", default=default, show_default=True, type=of, help="Of the Gaussian, in pixels.")


@click.group(cls=Filters)
def filters() -> None:
    """Blur, sharpen, find edges, templates and keypoints in a picture.

    \b
    kcnn filters edges photo.jpg -o edges.png
    kcnn filters match photo.jpg detail.png -o found.png --scales 0.5,1,2

    Pictures may be grey, coloured or transparent, with 8 or 16 bits, turned as the camera says.
    """


@filters.command(short_help="Blur a picture.")
@_picture
@_output
@click.option("--kernel", default="gaussian", show_default=True, type=click.Choice(["gaussian", "box", "binomial"]))
@_sigma(2.0)
@click.option("--size", type=click.IntRange(1, LARGEST_KERNEL), help="Of the kernel, in pixels; 5 for box, binomial.")
@json_option
def blur(picture: Path, output: Path, kernel: str, sigma: float, size: int | None, as_json: bool) -> None:
    """Blur PICTURE; its depth, colours and transparency stay."""
    from kcnn.filters import kernels
    from kcnn.filters.convolution import filtered_where_opaque

    source = click.get_current_context().get_parameter_source("sigma")
    if kernel != "gaussian" and source is ParameterSource.COMMANDLINE:
        raise InputError("--sigma goes with --kernel gaussian: others have a --size")
    given = _read(output, picture)[0]
    if kernel == "gaussian":
        taps = kernels.gaussian(sigma, size, axes=1)
    else:
        taps = {"box": kernels.box, "binomial": kernels.binomial}[kernel](size or 5, axes=1)
    _write(output, filtered_where_opaque(given.pixels, given.alpha, taps), like=given)
    _report(as_json, picture, output, kernel=kernel, size=len(taps))


@filters.command(short_help="Sharpen a picture by an unsharp mask.")
@_picture
@_output
@click.option("--amount", default=1.0, show_default=True, type=_Range(0, 100), help="How much detail to add.")
@_sigma(1.0)
@json_option
def sharpen(picture: Path, output: Path, amount: float, sigma: float, as_json: bool) -> None:
    """Sharpen PICTURE by an unsharp mask: x + amount (x - blurred x); its depth, colours and transparency stay."""
    from kcnn.filters.kernels import gaussian
    from kcnn.filters.sharpen import unsharp

    given = _read(output, picture)[0]
    _write(output, unsharp(given.pixels, amount, gaussian(sigma, axes=1), alpha=given.alpha), like=given)
    _report(as_json, picture, output, amount=amount, sigma=sigma)


@filters.command(short_help="Find edges: Canny, Sobel, Prewitt, Laplacian.")
@_picture
@_output
@click.option(
    "--method", default="canny", show_default=True, type=click.Choice(["canny", "sobel", "prewitt", "laplacian"])
)
@_sigma(1.4, least=0)
@click.option("--low", type=_Range(0), help="Canny: edges go on above this gradient; 0.4 of --high.")
@click.option("--high", type=_Range(0), help="Canny: and start above this; the steepest tenth of the pixels.")
@json_option
def edges(
    picture: Path, output: Path, method: str, sigma: float, low: float | None, high: float | None, as_json: bool
) -> None:
    """Find the edges of PICTURE: white lines on black (laplacian: bright and dark beside grey), 8 bits.

    Gradients are those of Sobel's kernel on brightness from 0 to 1, at most about 4.
    """
    from kcnn.filters import edges as found
    from kcnn.filters.pictures import grey

    if method != "canny" and (low is not None or high is not None):
        raise InputError("--low and --high go with --method canny")
    image = grey(_read(output, picture)[0].on_white)
    numbers: dict[str, Any] = {}
    smooth = found.smoothed(image, sigma)
    if method == "canny":
        usual = found.thresholds(found.sobel(smooth, "edge"))
        high = high if high is not None else max(usual[1], low or 0)
        low = low if low is not None else 0.4 * high
        drawn = found.canny(smooth, low, high, sigma=0)
        numbers = {"low": low, "high": high, "edge_pixels": int(drawn.sum())}
    elif method == "laplacian":
        drawn = 0.5 + 0.5 * _stretched(found.laplacian(smooth))
    else:
        drawn = _stretched({"sobel": found.sobel, "prewitt": found.prewitt}[method](smooth).magnitude)
    _write(output, drawn)
    _report(as_json, picture, output, method=method, sigma=sigma, **numbers)


@filters.command(short_help="Show what simple and complex cells answer.")
@_picture
@_output
@click.option("--wavelength", default=8.0, show_default=True, type=_Range(3, 200), help="In pixels.")
@click.option("--orientations", default=4, show_default=True, type=click.IntRange(1, 16))
@click.option("--window", default=5, show_default=True, type=click.IntRange(1, 99), help="Complex cells' maximum; odd.")
@json_option
def gabor(picture: Path, output: Path, wavelength: float, orientations: int, window: int, as_json: bool) -> None:
    """Show what complex cells answer to PICTURE: a sheet with a tile an orientation, and all of them in colours.

    A larger picture is shrunk to 1024 pixels first; lengths are of the shrunken one. Wavelengths below 3 are refused:
    at 2 an edge's wave is 0 at every pixel.
    """
    import cv2

    from kcnn.filters.drawing import sheet_of_orientations
    from kcnn.filters.gabor import bank, complex_cells
    from kcnn.filters.pictures import grey

    image = _read(output, picture)[0].on_white
    shrunk = SHEET / max(image.shape[:2])
    if shrunk < 1:
        size = tuple(max(1, round(shrunk * side)) for side in image.shape[1::-1])
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    answers = complex_cells(grey(image), [wavelength], orientations, window)[0]
    shown = [cell.kernel for cell in bank([wavelength], orientations, phases=[0.0])]
    _write(output, sheet_of_orientations(image, answers, shown))
    _report(as_json, picture, output, wavelength=wavelength, orientations=orientations, window=window)


@filters.command(short_help="Find a template and draw boxes around it.")
@_picture
@click.argument("template", type=click.Path(path_type=Path))
@_output
@click.option("--threshold", default=0.7, show_default=True, type=_Range(-1, 1), help="The least score.")
@click.option("--count", default=20, show_default=True, type=click.IntRange(min=1), help="How many to show at most.")
@click.option("--scales", default="1", show_default=True, help="Sizes of the template to try, for example 0.5,1,2.")
@click.option("--angles", default="0", show_default=True, help="Degrees anticlockwise, for example -30,0,30.")
@json_option
def match(
    picture: Path, template: Path, output: Path, threshold: float, count: int, scales: str, angles: str, as_json: bool
) -> None:
    """Find TEMPLATE in PICTURE by normalised correlation: draw a box around each place, list them."""
    from kcnn.filters.drawing import with_boxes
    from kcnn.filters.pictures import grey
    from kcnn.filters.template import search

    sizes, turns = _numbers("--scales", scales), _numbers("--angles", angles)
    image, sought = (each.on_white for each in _read(output, picture, template))
    places = search(grey(image), grey(sought), sizes, turns, threshold=-1, count=count)
    found = [place for place in places if place.score >= threshold]
    _write(output, with_boxes(image, found))
    if as_json:
        _report(True, picture, output, template=str(template), matches=[vars(each) for each in found])
        return
    rows = [(f"{it.row:.1f}", f"{it.column:.1f}", it.scale, it.angle, f"{it.score:.3f}") for it in found]
    if rows:
        print_table(("row", "column", "scale", "angle", "score"), rows)
    else:
        click.echo(f"No place scores {threshold:g}: the best one has {places[0].score:.3f}.")
    _report(False, picture, output)


@filters.command(short_help="Find keypoints, or match those of two pictures.")
@_picture
@click.argument("other", required=False, type=click.Path(path_type=Path))
@_output
@click.option("--method", default="sift", show_default=True, type=click.Choice(DETECTORS))
@click.option("--count", type=click.IntRange(min=1), help="How many to draw: 200 keypoints or 50 matches.")
@click.option("--ratio", default=0.8, show_default=True, type=_Range(0.01, 1), help="Of Lowe's test.")
@json_option
def keypoints(
    picture: Path, other: Path | None, output: Path, method: str, count: int | None, ratio: float, as_json: bool
) -> None:
    """Find keypoints in PICTURE and draw the strongest; with OTHER, match both and fit a homography.

    Matches that agree with the homography are green, others orange. Of each picture the 10,000 strongest keypoints
    are taken, or --count of them where that is more.
    """
    from kcnn.filters import keypoints as points
    from kcnn.filters.drawing import side_by_side, with_keypoints
    from kcnn.filters.pictures import grey

    images = [grey(each.on_white) for each in _read(output, picture, *([other] if other else []))]
    found = [points.detect(image, method, max(MATCHED, count or 0)) for image in images]
    if other is None:
        _write(output, with_keypoints(images[0], found[0], count or 200))
        _report(as_json, picture, output, method=method, keypoints=len(found[0]))
        return
    import numpy as np

    matches = points.match(found[0], found[1], ratio)
    fitted = points.homography(matches)
    inliers = np.zeros(len(matches), bool) if fitted is None else fitted.inliers
    _write(output, side_by_side(images[0], images[1], matches, inliers, count or 50))
    numbers = {"keypoints": [len(each) for each in found], "matches": len(matches), "inliers": int(inliers.sum())}
    matrix = None if fitted is None else fitted.matrix.tolist()
    _report(as_json, picture, output, other=str(other), method=method, **numbers, homography=matrix)
    if fitted is None and not as_json:
        say("No homography: too few of the matches agree with one.")


def _read(output: Path, *pictures: Path) -> list[Any]:
    """The pictures, once it is certain that something can be written."""
    from kcnn.filters.pictures import check_output, read

    check_output(output, *pictures)
    return [read(each) for each in pictures]


def _write(output: Path, pixels: Any, like: Any = None) -> None:
    """A picture of 8 bits, or with all that the one it was made of has."""
    from dataclasses import replace

    from kcnn.filters.pictures import Picture, write

    write(output, replace(like, pixels=pixels) if like else Picture(pixels.astype(float)))


def _stretched(values: Any) -> Any:
    """Values over the one that a two-hundredth of them exceed, so that a few do not leave the others dark."""
    import numpy as np

    return values / (float(np.quantile(np.abs(values), 0.995)) or float(np.abs(values).max()) or 1.0)


def _numbers(option: str, text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if not numbers or not all(abs(number) < 1e6 for number in numbers):
        raise InputError(f"{option} must be numbers with commas between them, got {text!r}")
    return numbers


def _report(as_json: bool, picture: Path, output: Path, **numbers: Any) -> None:
    """One object for programs; for people what was measured, and where the picture is."""
    if as_json:
        print_json({"picture": str(picture), "output": str(output), **numbers})
        return
    told = {name.replace("_", " "): value for name, value in numbers.items() if name != "homography"}
    shown = ", ".join(f"{name} {_short(value)}" for name, value in told.items())
    say(f"{output}" + (f": {shown}" if shown else ""))


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
