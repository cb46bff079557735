"""Sounds: their waveforms above their spectrograms."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from kcnn.plots.figure import BLUE, figure

_RANGE = 60.0
"""The range of a spectrogram that is drawn, in dB below its loudest place."""


def sounds(waveforms: Sequence[np.ndarray], captions: Sequence[str], rate: int, columns: int = 4) -> Figure:
    """Waveforms (n,) of `rate` samples a second, each above its spectrogram, under its caption."""
    columns = min(columns, len(waveforms))
    rows = -(-len(waveforms) // columns)
    made, axes = figure(2.9 * columns, 2.6 * rows, 2 * rows, columns)
    grid = np.asarray(axes, object).reshape(2 * rows, columns)
    for place in range(rows * columns):
        above, below = grid[2 * (place // columns), place % columns], grid[2 * (place // columns) + 1, place % columns]
        if place >= len(waveforms):
            above.set_axis_off()
            below.set_axis_off()
            continue
        waveform = waveforms[place]
        seconds = len(waveform) / rate
        above.plot(np.arange(len(waveform)) / rate, waveform, color=BLUE, linewidth=0.5)
        above.set_title(captions[place], fontsize=8, loc="left", parse_math=False)
        above.set_xlim(0, seconds)
        above.set_ylim(-1, 1)
        above.set_xticklabels([])
        below.imshow(
            _spectrogram(waveform, rate),
            aspect="auto",
            origin="lower",
            cmap="magma",
            vmin=-_RANGE,
            vmax=0,
            extent=(0, seconds, 0, rate / 2000),
        )
        for each in (above, below):
            each.tick_params(labelsize=6)
        if place % columns == 0:
            below.set_ylabel("kHz", fontsize=7)
        if place // columns == rows - 1:
            below.set_xlabel("s", fontsize=7)
    return made


def _spectrogram(waveform: np.ndarray, rate: int) -> np.ndarray:
    """Energies in dB below the loudest (frequencies, windows), of windows of 25 ms every 5 ms."""
    window, hop = max(8, round(0.025 * rate)), max(1, round(0.005 * rate))
    filled = np.pad(waveform, (window // 2, window))
    starts = np.arange(0, len(waveform), hop)
    frames = filled[starts[:, np.newaxis] + np.arange(window)] * np.hanning(window)
    energies = np.square(np.abs(np.fft.rfft(frames, 2 * window))).T
    return 10.0 * np.log10(np.maximum(energies / max(energies.max(), 1e-12), 1e-12))
