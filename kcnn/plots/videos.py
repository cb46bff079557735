"""Clips on contact sheets: their frames, what of each a network looks at, and when it looks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from kcnn.data.taken import spread
from kcnn.plots.figure import BLUE, GREY, figure
from kcnn.plots.panels import BRIGHTEST, GREEN, OPAQUE, RED

_COLUMNS = 8
"""Frames in a row."""

_WIDTH, _LEFT, _RIGHT = 11.0, 0.85, 0.25
"""Inches, of the sheet and of its margins."""

_HIGHEST = 1.6
"""Inches of a picture."""

_GAP = 1 / 16
"""What lies between two pictures, of their width."""

_TITLE, _CAPTION, _NUMBERS, _SPACE, _CURVE, _AXIS, _FOOT = 0.5, 0.32, 0.2, 0.1, 0.62, 0.36, 0.3
"""Inches of height: the sheet's title, a clip's caption, the frames' numbers, the space between rows, the curve, what
stands below it, and what is said below all clips."""

_LABEL = 0.5
"""Inches of width that a number needs."""

_MEANING = "The curve is the share of the clip's saliency that lies in each frame; dotted: if all were alike."

_HEAT = colormaps["inferno"]

_FRAME = "frame"


@dataclass(frozen=True)
class Watched:
    """A clip's frames (T, H, W, 1 or 3), uint8, under a caption.

    `saliency` (T, H, W) is how much each pixel counts; without it the frames are all that is drawn. `evidence` are maps
    (T, H, W) in 0..1 by name, which are laid over the frames. `right` says whether the answer is, if that is known;
    `rate` how many frames there are a second.
    """

    caption: str
    frames: np.ndarray
    saliency: np.ndarray | None = None
    evidence: Mapping[str, np.ndarray] = field(default_factory=dict)
    right: bool | None = None
    rate: float | None = None

    def named(self, frame: int) -> str:
        """The number of a frame, from 1 on, or the second at which it comes."""
        return f"{frame + 1}" if self.rate is None else f"{frame / self.rate:.2f} s"


def contact_sheet(clips: Sequence[Watched], title: str = "", most: int = 32) -> Figure:
    """The clips one below the other: rows of frames, with the saliency of each below it, and its course.

    Of a clip with more frames than `most` so many are shown, evenly spread; the curve has a dot for each of these.
    The colours of saliency are as strong as it is beside the strongest of the clip.
    """
    shown = [spread(len(clip.frames), most) for clip in clips]
    head = _TITLE if title else 0.1
    height = head + sum(_height(clip, len(some)) for clip, some in zip(clips, shown, strict=True)) + _FOOT
    made, _ = figure(_WIDTH, height, 0, 0)
    made.set_layout_engine("none")
    if title:
        _write(made, 1 - 0.28 / height, title, fontsize=12)
    top = height - head
    for clip, some in zip(clips, shown, strict=True):
        _draw(made, clip, some, top)
        top -= _height(clip, len(some))
    if any(clip.saliency is not None for clip in clips):
        made.text(_LEFT / _WIDTH, _FOOT / 2 / height, _MEANING, fontsize=8, color=GREY, va="center")
    return made


def shares(saliency: np.ndarray) -> np.ndarray:
    """The share (T,) of a clip's saliency (T, H, W) that lies in each frame; 0 for all where there is none."""
    sums = saliency.sum(axis=(1, 2), dtype=np.float64)
    return sums / (sums.sum() or 1.0)


def _pitch(clip: Watched) -> tuple[float, float]:
    """From one picture to the next, and a picture's height, in inches."""
    _, height, width, _ = clip.frames.shape
    pitch = (_WIDTH - _LEFT - _RIGHT) / _COLUMNS
    picture = min(pitch * (1 - _GAP) * height / width, _HIGHEST)
    return picture * width / height / (1 - _GAP), picture


def _height(clip: Watched, shown: int) -> float:
    rows, (_, picture) = -(-shown // _COLUMNS), _pitch(clip)
    strips = 1 + (clip.saliency is not None) + len(clip.evidence)
    curve = _SPACE if clip.saliency is None else _CURVE + _AXIS
    return _CAPTION + rows * (_NUMBERS + strips * (picture + _SPACE / 2) + _SPACE) + curve


def _draw(made: Figure, clip: Watched, shown: np.ndarray, top: float) -> None:
    """One clip, from `top` (inches above the sheet's lower edge) downward."""
    colour = "black" if clip.right is None else GREEN if clip.right else RED
    _write(made, (top - _CAPTION / 2) / made.get_figheight(), clip.caption, fontsize=10, color=colour)
    top -= _CAPTION
    pitch, picture = _pitch(clip)
    strips = _strips(clip)
    for start in range(0, len(shown), _COLUMNS):
        some = shown[start : start + _COLUMNS]
        top -= _NUMBERS
        for name, pictures in strips.items():
            top -= picture
            axes = _axes(made, top, len(some) * pitch, picture)
            axes.imshow(_strip(pictures[some]), aspect="auto", interpolation="antialiased")
            axes.set_axis_off()
            axes.text(-0.06 / (len(some) * pitch), 0.5, name, **_small(axes, ha="right", va="center"))
            if name == _FRAME:
                _number(axes, clip, some, max(1, int(-(-_LABEL // pitch))), 0.04 / picture)
            top -= _SPACE / 2
        top -= _SPACE
    if clip.saliency is not None:
        width = min(_COLUMNS, len(shown)) * pitch
        _course(
            _axes(made, top - _CURVE, width, _CURVE), clip, shares(clip.saliency), shown, max(1, int(width / _LABEL))
        )


def _write(made: Figure, height: float, text: str, **how: Any) -> None:
    """A line from the left margin on, cut where the right one begins."""
    line = made.text(_LEFT / _WIDTH, height, text, va="center", parse_math=False, **how)
    while line.get_window_extent().x1 > made.bbox.width * (1 - _RIGHT / _WIDTH):
        text = text[:-1]
        line.set_text(f"{text}…")


def _number(axes: Axes, clip: Watched, frames: np.ndarray, step: int, above: float) -> None:
    """Which frames they are, or, where that has no room, every so many of them."""
    for column in range(0, len(frames), step):
        middle = (column + (1 - _GAP) / 2) / len(frames)
        axes.text(middle, 1 + above, clip.named(frames[column]), **_small(axes, ha="center", va="bottom"))


def _axes(made: Figure, bottom: float, width: float, height: float) -> Axes:
    whole = made.get_figheight()
    return made.add_axes((_LEFT / _WIDTH, bottom / whole, width / _WIDTH, height / whole))


def _small(axes: Axes, **how: str) -> dict[str, Any]:
    return {"fontsize": 8, "color": GREY, "transform": axes.transAxes, "parse_math": False, **how}


def _strips(clip: Watched) -> dict[str, np.ndarray]:
    """What is drawn of each frame, colours (T, H, W, 3) in 0..1, by its name."""
    frames = np.broadcast_to(clip.frames, (*clip.frames.shape[:3], 3)) / 255.0
    made = {_FRAME: frames}
    if clip.saliency is not None:
        strongest = float(np.percentile(clip.saliency, BRIGHTEST)) or 1.0
        made["saliency"] = _HEAT(np.minimum(clip.saliency / strongest, 1))[..., :3]
    under = frames.mean(axis=-1, keepdims=True)
    for name, values in clip.evidence.items():
        share = OPAQUE * values[..., np.newaxis]
        made[name] = share * _HEAT(values)[..., :3] + (1 - share) * under
    return made


def _strip(pictures: np.ndarray) -> np.ndarray:
    """Pictures in a row, colours (H, W, 3), white behind each."""
    count, height, width, _ = pictures.shape
    gap = max(1, round(width * _GAP / (1 - _GAP)))
    strip = np.ones((height, count, width + gap, 3))
    strip[:, :, :width] = pictures.transpose(1, 0, 2, 3)
    return strip.reshape(height, -1, 3)


def _course(axes: Axes, clip: Watched, parts: np.ndarray, shown: np.ndarray, most: int) -> None:
    """The share of the clip's saliency in each frame, below this where all are shown, with `most` labels at most."""
    places = np.arange(len(parts))
    axes.fill_between(places, parts, color=BLUE, alpha=0.18, linewidth=0)
    axes.plot(places, parts, color=BLUE, linewidth=1.4)
    axes.plot(shown, parts[shown], "o", color=BLUE, markersize=3.5)
    axes.axhline(1 / len(parts), color=GREY, linewidth=0.8, linestyle=":")
    axes.set_xlim(-(1 - _GAP) / 2, len(parts) - (1 - _GAP) / 2)
    axes.set_ylim(0, 1.15 * max(parts.max(), 1 / len(parts)))
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=7, length=2)
    axes.yaxis.set_major_locator(MaxNLocator(2))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    step = -(-len(parts) // most)
    axes.set_xticks(places[::step], [clip.named(place) for place in places[::step]])
