"""Draw new images from a run that has learned to make them, and let a classifier say what is on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcnn.errors import InputError, unknown
from kcnn.experiment import folder, startup, tasks
from kcnn.workspace import Workspace, check_figure, check_free

if TYPE_CHECKING:
    import numpy as np

    from kcnn.experiment.folder import RunFolder


COLUMNS = 24
"""How many images stand in a line of the sheet at most."""


@dataclass(frozen=True)
class Generated:
    """A sheet of new images; what a classifier took for what it was meant to be, by class, where one was asked."""

    run: str
    path: Path
    images: int
    judge: str | None = None
    recognised: float | None = None
    by_class: dict[str, float] | None = None

    def to_json(self) -> dict[str, Any]:
        """The object that `--json` prints."""
        return {key: str(value) if isinstance(value, Path) else value for key, value in vars(self).items()}


def generate(
    run: str,
    output: Path | str,
    *,
    labels: Sequence[str] = (),
    count: int = 12,
    seed: int = 0,
    judge: str | None = None,
    overwrite: bool = False,
    workspace: Workspace | None = None,
) -> Generated:
    """Write a sheet of `count` new images of each class in `labels` (all unless named) to `output`, a .png.

    A variational autoencoder knows no classes: it makes one row. With `judge`, a run of a classifier, the images are
    shown to it, and the share is said that it takes for what they were meant to be.
    Raises InputError where there is no such run or class, the run makes no images from codes that are drawn, the judge
    names other classes, or the file is there and not to be replaced (`overwrite`).
    """
    workspace, path = workspace or Workspace(), Path(output)
    check_figure(path)
    found = _makes(folder.find(workspace, run))
    source = found.read("source") or {}
    classes, channels = source["classes"], source["preprocessing"]["channels"]
    conditional = tasks.of(found.recipe()) == "generation"
    for label in labels:
        if not conditional:
            raise InputError(f"{found.name} knows no classes: leave them out")
        if label not in classes:
            raise unknown(f"class of {found.name}", label, classes)
    judging = _judges(workspace, judge, classes, channels) if judge is not None and conditional else None
    if judge is not None and not conditional:
        raise InputError(f"{found.name} makes images of no class: there is nothing to judge")
    check_free(path, overwrite)
    startup.start(workspace)
    chosen = list(labels or classes) if conditional else [""]
    made = _made(found, [classes.index(name) for name in chosen] if conditional else None, count, seed)
    from kcnn.plots.figure import save
    from kcnn.plots.sheets import sheet

    rows = [made[place * count : (place + 1) * count] for place in range(len(chosen))]
    lines = [
        (name if start == 0 else "", row[start : start + COLUMNS])
        for name, row in zip(chosen, rows, strict=True)
        for start in range(0, count, COLUMNS)
    ]
    save(sheet(lines), path)
    if judging is None:
        return Generated(found.name, path, len(made))
    shares = _shares(judging, rows, chosen)
    return Generated(found.name, path, len(made), judging.name, sum(shares.values()) / len(shares), shares)


def _makes(found: "RunFolder") -> "RunFolder":
    """The same, where it is finished and makes images from codes that are drawn."""
    found.check_finished()
    recipe = found.recipe()
    if recipe.model.name not in ("vae", "dcgan"):
        raise InputError(f"{found.name} ({recipe.model.name}) makes no new images: only vae and dcgan do")
    return found


def _judges(workspace: Workspace, name: str, classes: Sequence[str], channels: int) -> "RunFolder":
    """The run of a classifier of the same classes, on images of as many channels."""
    found = folder.find_best(workspace, name)
    tasks.check_classifier(found.name, found.recipe(), "judges are")
    found.check_finished()
    known = found.read("source") or {}
    if known["classes"] != classes:
        raise InputError(f"{found.name} knows other classes: {', '.join(known['classes'])}")
    if known["preprocessing"]["channels"] != channels:
        raise InputError(
            f"{found.name} sees images of {known['preprocessing']['channels']} channels, those made have {channels}"
        )
    return found


def _made(found: "RunFolder", labels: Sequence[int] | None, count: int, seed: int) -> "np.ndarray":
    """`count` images (N, h, w, c), uint8, of each label, or of none."""
    import numpy as np

    from kcnn.experiment import makers, trained

    run = trained.load(found)
    if labels is None:
        maker = makers.Reconstructor(run.model, run.preprocessing)
        return maker.decoded(makers.drawn(count, maker.latent, seed))
    generator = makers.Generator(run.model)
    codes = makers.drawn(count * len(labels), generator.latent, seed)
    return generator.decoded(codes, np.repeat(labels, count))


def _shares(judge: "RunFolder", rows: Sequence["np.ndarray"], names: Sequence[str]) -> dict[str, float]:
    """By class, the share of its images that the judge takes for it."""
    import numpy as np
    import tensorflow as tf

    from kcnn.experiment import trained

    run = trained.load(judge)
    shares = {}
    for name, images in zip(names, rows, strict=True):
        seen = run.preprocessing.standardize(run.preprocessing.fitted(tf.constant(images)))
        answers = run.model.predict(seen, batch_size=256, verbose=0).argmax(-1)
        shares[name] = float(np.mean(answers == run.classes.index(name)))
    return shares
