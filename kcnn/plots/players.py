"""A page that plays sounds, each with its waveform and spectrogram: one file, for a browser."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import BytesIO

import numpy as np

from kcnn.plots.sounds import sounds


@dataclass(frozen=True)
class Player:
    """A sound under its caption: its samples (n,), and the same as a WAV file."""

    caption: str
    waveform: np.ndarray
    wav: bytes


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 15px/1.4 system-ui, sans-serif; margin: 24px; color: #222; }}
h1 {{ font-size: 18px; }}
.all {{ display: flex; flex-wrap: wrap; gap: 18px; }}
figure {{ margin: 0; width: 300px; }}
figcaption {{ font-weight: 600; margin-bottom: 4px; }}
img, audio {{ width: 100%; }}
</style>
</head>
<body>
<h1>{title}</h1>
<div class="all">
{players}
</div>
</body>
</html>
"""

_PLAYER = """<figure>
<figcaption>{caption}</figcaption>
<img alt="waveform and spectrogram" src="data:image/png;base64,{image}">
<audio controls preload="metadata" src="data:audio/wav;base64,{sound}"></audio>
</figure>"""


def page(title: str, players: Sequence[Player], rate: int) -> str:
    """The page, of sounds of `rate` samples a second."""
    shown = [
        _PLAYER.format(
            caption=escape(each.caption),
            image=_base64(_image(each.waveform, rate)),
            sound=_base64(each.wav),
        )
        for each in players
    ]
    return _PAGE.format(title=escape(title), players="\n".join(shown))


def _image(waveform: np.ndarray, rate: int) -> bytes:
    stream = BytesIO()
    sounds([waveform], [""], rate).savefig(stream, format="png", dpi=130)
    return stream.getvalue()


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
