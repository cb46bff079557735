"""Texts, word by word, and what each word speaks for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib import colormaps
from matplotlib.figure import Figure

from kcnn.plots.figure import GREY, figure

_WIDTH = 9.0
"""Inches."""

_SIZE = 10
"""Points of a letter."""

_LETTER = 0.602 * _SIZE / 72
"""Inches that a letter of the font takes, which has one width."""

_WIDEST = int((_WIDTH - 0.5) / _LETTER)
"""Letters of the longest word that a line has room for; of a longer one, such as an address, the beginning is shown."""

_LINE = 0.27
"""Inches from line to line."""

_COLOURS = colormaps["RdBu"]
"""Against, and for."""


@dataclass(frozen=True)
class Worded:
    """A text's words under a caption, and what each speaks for, if that is known: below 0 it is against it."""

    caption: str
    words: Sequence[str]
    evidence: Sequence[float] | None = None


def page(texts: Sequence[Worded], title: str = "", scale: str = "") -> Figure:
    """The texts one below the other; words on a colour, as strong as the strongest of all.

    `scale` says what the colours mean.
    """
    texts = [replace(text, words=[_shown(word) for word in text.words]) for text in texts]
    placed = [_placed(text.words) for text in texts]
    lines = sum(rows + 1.7 for _, rows in placed)
    head = 0.45 * bool(title) + 0.4 * bool(scale)
    made, (axes,) = figure(_WIDTH, _LINE * lines + head + 0.15)
    axes.set_axis_off()
    axes.set_xlim(0, _WIDTH - 0.3)
    axes.set_ylim(_LINE * lines, 0)
    most = max((abs(value) for text in texts for value in text.evidence or ()), default=0.0) or 1.0
    top = 0.0
    for text, (places, rows) in zip(texts, placed, strict=True):
        axes.text(0, _LINE * (top + 0.5), text.caption, fontsize=9, color=GREY, va="center", parse_math=False)
        for number, (left, row) in enumerate(places):
            box = None
            if text.evidence is not None:
                colour = _COLOURS(0.5 + 0.3 * text.evidence[number] / most)
                box = {"facecolor": colour, "edgecolor": "none", "boxstyle": "square,pad=0.15"}
            axes.text(
                left,
                _LINE * (top + 1.5 + row),
                text.words[number],
                fontsize=_SIZE,
                family="monospace",
                va="center",
                bbox=box,
                parse_math=False,
            )
        top += rows + 1.7
    if title:
        axes.set_title(title, fontsize=11, loc="left", parse_math=False)
    if scale:
        made.text(0.01, 0.03, scale, fontsize=8, color=GREY, parse_math=False)
    return made


def _shown(word: str) -> str:
    return word if len(word) <= _WIDEST else f"{word[: _WIDEST - 1]}…"


def _placed(words: Sequence[str]) -> tuple[list[tuple[float, int]], int]:
    """Where each word begins (inches, line), and how many lines there are."""
    places, left, row = [], 0.0, 0
    for word in words:
        width = len(word) * _LETTER
        if left and left + width > _WIDTH - 0.5:
            left, row = 0.0, row + 1
        places.append((left, row))
        left += width + 1.4 * _LETTER
    return places, row + 1
