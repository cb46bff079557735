"""Draw what the model of a run looks at in a clip, and when."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcnn.errors import DataError, InputError
from kcnn.experiment import explained, folder, startup
from kcnn.experiment.listener import Listener
from kcnn.experiment.result import Result
from kcnn.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np

    from kcnn.data.stretches import Clip, VideoPreparation

TOP = 3
"""How many classes are named with their probabilities."""


@dataclass(frozen=True)
class ClipExplanation:
    """The picture, kept with the run and at `output`, what the model answers, and the class `label` that is explained.

    `probability` is that of the prediction, `probabilities` are those of all classes; `saliency` is the share of it in
    each of the frames that the model sees; `tap` is where Grad-CAM looks, None where there are no maps.
    """

    path: Path
    output: Path | None
    run: str
    clip: Path
    prediction: str
    probability: float
    label: str
    probabilities: dict[str, float]
    saliency: tuple[float, ...]
    tap: str | None
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {key: str(value) if isinstance(value, Path) else value for key, value in vars(self).items()}


def explain_clip(
    run: Result | str,
    clip: Path | str,
    *,
    tap: str | None = None,
    label: str | None = None,
    output: Path | str | None = None,
    workspace: Workspace | None = None,
    listener: Listener | None = None,
) -> ClipExplanation:
    """Write `explanations/<clip>-….png` into the folder of a run, or of the best of a comparison, and to `output`.

    The clip is read as it is evaluated: of a longer one than the model sees, the middle. It is explained for the class
    `label`, or else the one that the model names.
    Raises `InputError` if there is no such run, layer or class, or it is not on clips or not finished, `DataError` for
    what is no clip.
    """
    begin = time.perf_counter()
    workspace, path = workspace or Workspace(), Path(clip)
    found = folder.find_best(workspace, run if isinstance(run, str) else run.run)
    classes = _check(found, path, tap, label, output)
    (listener or Listener()).preparing("starting TensorFlow")
    startup.start(workspace)
    from kcnn.data.footage import filmed
    from kcnn.experiment import trained
    from kcnn.explain.clips import clip_view
    from kcnn.plots.explanation import short
    from kcnn.plots.videos import Watched, contact_sheet, shares

    kept = trained.load(found)
    footage = filmed(path, kept.preprocessing.rate)
    frames = seen(footage, kept.preprocessing)
    standard = kept.preprocessing.standardize(frames[None]).numpy()[0]
    view = clip_view(kept.model, standard, None if label is None else classes.index(label), tap)
    likely = dict(sorted(zip(classes, view.probabilities.tolist(), strict=True), key=lambda pair: -pair[1]))
    chosen, prediction = classes[view.label], next(iter(likely))
    evidence = {} if view.grad_cam is None else {"Grad-CAM": view.grad_cam}
    said = ", ".join(f"{short(name)} {likely[name]:.1%}" for name in list(likely)[:TOP])
    watched = Watched(f"{short(path.name)}: {said}", frames, view.saliency, evidence, rate=kept.preprocessing.rate)
    drawn = contact_sheet([watched], f"What {found.recipe().name} looks at for the class {chosen}")
    return ClipExplanation(
        path=explained.keep(found, drawn, _name(path, footage.digest(), chosen, tap), output, workspace),
        output=None if output is None else Path(output),
        run=found.name,
        clip=path,
        prediction=prediction,
        probability=likely[prediction],
        label=chosen,
        probabilities=likely,
        saliency=tuple(shares(view.saliency).tolist()),
        tap=view.tap,
        seconds=time.perf_counter() - begin,
    )


def seen(clip: "Clip", preparation: "VideoPreparation") -> "np.ndarray":
    """What a network sees of a clip, (frames, height, width, channels), uint8."""
    import numpy as np

    from kcnn.data.stretches import VideoExamples

    examples = VideoExamples([clip], np.zeros(1, np.int64), preparation)
    return examples.inputs(np.zeros(1, np.int64))[0]


def _check(
    found: folder.RunFolder, clip: Path, tap: str | None, label: str | None, output: Path | str | None
) -> list[str]:
    """All that can be refused before TensorFlow is imported; the names of the classes."""
    found.check_finished()
    if found.recipe().data.kind != "video":
        raise InputError(f"{found.name} sees no clips, but {found.recipe().data.kind}")
    classes = explained.check(found, label, output)
    explained.check_layer(found, tap)
    if not clip.exists():
        raise DataError(f"no clip {clip}")
    return classes


def _name(clip: Path, content: bytes, label: str, tap: str | None) -> str:
    """The picture's file: that of another clip, class or tap does not replace it."""
    return "-".join(filter(None, (clip.stem, content.hex()[:6], label, tap)))
