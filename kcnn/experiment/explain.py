"""Draw what a run's model looks at in an image, and keep the picture with the run."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcnn.errors import DataError
from kcnn.experiment import explained, folder, startup, tasks
from kcnn.experiment.listener import Listener
from kcnn.experiment.result import Result
from kcnn.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np

    from kcnn.data.preprocessing import Preprocessing
    from kcnn.explain.overview import Overview, Projection
    from kcnn.plots.panels import Panel

TOP = 5
"""How many classes are shown with their probabilities."""

KERNELS = 64
"""How many kernels of the first layer are shown at most."""


@dataclass(frozen=True)
class Explanation:
    """The picture, kept with the run and at `output`, what the model answers, the class `label` that is explained.

    `probability` is that of the prediction, `probabilities` are those of the first classes and of `label`; `tap` is
    where Grad-CAM and the deconvnet look, None where there are no maps; `left_out` names what the model has none for.
    """

    path: Path
    output: Path | None
    run: str
    image: Path
    prediction: str
    probability: float
    label: str
    probabilities: dict[str, float]
    tap: str | None
    left_out: tuple[str, ...]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {key: str(value) if isinstance(value, Path) else value for key, value in vars(self).items()}


def explain(
    run: Result | str,
    image_path: Path | str,
    *,
    tap: str | None = None,
    label: str | None = None,
    output: Path | str | None = None,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
) -> Explanation:
    """Write `explanations/<image>-….png` into the folder of a run, or of the best of a comparison, and to `output`.

    The image is read as in training: what a camera has noted about its orientation is not looked at. It is explained
    for the class `label`, or else the one that the model names.
    Raises `InputError` if there is no such run, layer or class or the run is not finished, `DataError` for what is
    no image.
    """
    begin = time.perf_counter()
    workspace, image = workspace or Workspace(), Path(image_path)
    found = folder.find_best(workspace, run if isinstance(run, str) else run.run)
    classes = _check(found, image, tap, label, output)
    tell = (listener or Listener()).preparing
    tell("starting TensorFlow")
    startup.start(workspace)
    from kcnn.plots.explanation import Answer, explanation

    seen, view = _look(found, image, None if label is None else classes.index(label), tap, tell)
    shares = dict(sorted(zip(classes, view.probabilities.tolist(), strict=True), key=lambda pair: -pair[1]))
    chosen = classes[view.label]
    first = [name for name in shares if name != chosen][: TOP - 1]
    shown = {name: share for name, share in shares.items() if name in (*first, chosen)}
    title = f"What {found.recipe().name} looks at for the class {chosen}"
    drawn = explanation(title, _panels(image.name, seen, view), Answer(shown, chosen))
    path = explained.keep(found, drawn, _name(image, chosen, tap), output, workspace)
    prediction = next(iter(shares))
    return Explanation(
        path=path,
        output=None if output is None else Path(output),
        run=found.name,
        image=image,
        prediction=prediction,
        probability=shares[prediction],
        label=chosen,
        probabilities=shown,
        tap=view.projection.tap if view.projection else None,
        left_out=view.left_out,
        seconds=time.perf_counter() - begin,
    )


def _check(
    found: folder.RunFolder, image: Path, tap: str | None, label: str | None, output: Path | str | None
) -> list[str]:
    """All that can be refused before TensorFlow is imported; the names of the classes."""
    found.check_finished()
    tasks.check_classifier(found.name, found.recipe(), "explanations are of")
    classes = explained.check(found, label, output)
    explained.check_layer(found, tap)
    if not image.is_file():
        raise DataError(f"{image} is a folder, not an image" if image.exists() else f"no image {image}")
    return classes


def _name(image: Path, label: str, tap: str | None) -> str:
    """The picture's file: that of another image, class or tap does not replace it."""
    content = hashlib.sha256(image.read_bytes()).hexdigest()[:6]
    return "-".join(filter(None, (image.stem, content, label, tap)))


def _look(
    found: folder.RunFolder, image: Path, label: int | None, tap: str | None, tell: Callable[[str], None]
) -> tuple["np.ndarray", "Overview"]:
    """The image at the network's size, in 0..1, and all that can be said about it."""
    from kcnn.experiment import trained
    from kcnn.explain.overview import overview

    run = trained.load(found)
    with startup.silent_stderr():  # what TensorFlow says of a damaged image is said in one line here
        pixels = _decoded(image, run.preprocessing)
    return pixels / 255, overview(run.model, run.preprocessing.standardize(pixels).numpy(), label, tap, tell)


def _decoded(image: Path, preprocessing: "Preprocessing") -> "np.ndarray":
    """The pixels (height, width, channels), uint8. Raises `DataError`, in the words that training has for it."""
    import numpy as np

    from kcnn.data.check import Checker

    checker = Checker(preprocessing, None)
    decoded = checker.split([image], np.zeros(1, np.int64), progress=lambda count: None)
    if checker.faults or decoded.pixels is None:
        raise DataError(f"the image cannot be used: {checker.faults[0]}")
    return decoded.pixels[0]


def _panels(name: str, seen: "np.ndarray", view: "Overview") -> list["Panel"]:
    """The image, what is said about its pixels, and what the maps are."""
    from kcnn.explain.overview import CHANGES
    from kcnn.plots.explanation import short
    from kcnn.plots.panels import Curves, Picture

    height, width = seen.shape[:2]
    square = f"while a square of {view.square} x {view.square} covers the place"
    lowest = min(0.0, *(float(likeness.min()) for likeness in view.invariance.values()))
    alike = "likeness of what the classifier sees"
    image = Picture(seen, short(name), caption=f"as the network sees it, {height} x {width}")
    gradient = Picture(view.saliency, "saliency", "heat", caption="how much a pixel moves the class's logit")
    smooth = Picture(view.smooth_grad, "SmoothGrad", "heat", caption=f"the same, mean of {view.copies} noisy copies")
    covered = Picture(view.occlusion, "occlusion", "signed", caption=square, under=seen, scale="probability lost")
    invariance = Curves(
        CHANGES, view.invariance, "invariance", "share of the change", "cosine", bottom=lowest, caption=alike
    )
    evidence, projected = _at_the_tap(seen, view.projection) if view.projection else ([], [])
    return [image, gradient, smooth, *evidence, covered, *projected, *_liked(view), *_mosaics(view), invariance]


def _at_the_tap(seen: "np.ndarray", projection: "Projection") -> tuple[list["Panel"], list["Panel"]]:
    """Grad-CAM and the deconvnet."""
    from kcnn.explain.grad_cam import enlarged
    from kcnn.plots.panels import Picture

    tap = projection.tap
    where = enlarged(projection.grad_cam, seen.shape[:2])
    evidence = Picture(where, "Grad-CAM", "heat", caption=f"where the maps of {tap} speak for the class", under=seen)
    return [evidence], [_signed(projection.pixels, "deconvnet", f"what made map {projection.unit} of {tap} strongest")]


def _liked(view: "Overview") -> list["Panel"]:
    """Activation maximisation."""
    caption = "climbed to from noise: what the class would like"
    return [] if view.liked is None else [_signed(view.liked, "activation maximisation", caption)]


def _signed(pixels: "np.ndarray", title: str, caption: str) -> "Panel":
    """Pixels (H, W, C) about 0: three colours about a middle grey, the first of others in red and blue."""
    from kcnn.plots.explanation import about_grey
    from kcnn.plots.panels import Picture

    if pixels.shape[-1] == 3:
        return Picture(about_grey(pixels), title, caption=caption)
    return Picture(pixels[..., 0], title, "signed", caption=caption)


def _mosaics(view: "Overview") -> list["Panel"]:
    """The first kernels, and the strongest maps of each stage."""
    import numpy as np

    from kcnn.plots.explanation import about_grey
    from kcnn.plots.images import mosaic
    from kcnn.plots.panels import Picture

    made: list[Panel] = []
    if view.kernels is not None:
        height, width, channels, filters = view.kernels.shape
        caption = f"{filters} of {height} x {width} x {channels}"
        tiles = view.kernels.transpose(3, 0, 1, 2)
        if channels == 3:
            made.append(Picture(mosaic(about_grey(tiles)[:KERNELS]), "first-layer kernels", caption=caption))
        else:
            planes = tiles.transpose(0, 3, 1, 2).reshape(-1, height, width)
            made.append(Picture(mosaic(planes[:KERNELS]), "first-layer kernels", "signed", caption=caption))
    for name, (maps, count) in view.stages.items():
        height, width, kept = maps.shape
        caption = f"{'all' if kept == count else f'the strongest {kept} of'} {count} maps, {height} x {width}"
        sheet = mosaic(np.moveaxis(maps, -1, 0))
        made.append(Picture(sheet, name, "signed" if maps.min() < 0 else "heat", caption=caption))
    return made
