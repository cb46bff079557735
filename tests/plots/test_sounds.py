"""Sounds as waveforms and spectrograms, and on a page that plays them."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from scipy.io import wavfile

from kcnn.data.wav import wav_file
from kcnn.plots.players import Player, page
from kcnn.plots.sounds import sounds

RATE = 4000


def sine(hertz, seconds=0.2):
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


def test_every_sound_has_its_waveform_over_its_spectrogram_under_its_caption():
    given = [sine(200), sine(700, 0.1), sine(1200)]

    made = sounds(given, ["one", "two $", "three"], RATE, columns=2)

    above, below = ([axes for axes in made.axes if bool(axes.get_images()) == drawn] for drawn in (False, True))
    shown = [axes for axes in above if axes.get_lines()]
    assert [axes.get_title(loc="left") for axes in shown] == ["one", "two $", "three"]
    for axes, waveform in zip(shown, given, strict=True):
        (line,) = axes.get_lines()
        np.testing.assert_array_equal(line.get_ydata(), waveform)
        np.testing.assert_allclose(line.get_xdata(), np.arange(len(waveform)) / RATE)
    assert len(below) == 3


@pytest.mark.parametrize("hertz", [200, 700, 1500])
def test_a_sine_is_a_bright_line_at_its_frequency(hertz):
    (image,) = sounds([sine(hertz)], [""], RATE).axes[1].get_images()

    energies = image.get_array()
    left, right, bottom, top = image.get_extent()
    assert (left, right, bottom, top) == (0, pytest.approx(0.2), 0, RATE / 2000)
    brightest = energies[:, energies.shape[1] // 2].argmax() / (energies.shape[0] - 1) * top * 1000
    assert brightest == pytest.approx(hertz, abs=25)
    assert energies.max() == 0


@pytest.mark.parametrize("waveform", [np.zeros(400), np.array([0.3]), sine(300, 0.001)])
def test_silence_and_the_shortest_sound_are_drawn(waveform, tmp_path):
    sounds([waveform], ["x"], RATE).savefig(tmp_path / "x.png")

    with Image.open(tmp_path / "x.png") as picture:
        assert np.asarray(picture).std() > 0


def test_a_page_holds_every_sound_with_its_picture_and_caption():
    given = [
        Player("made: 7 <theo>", sine(200), wav_file(sine(200).astype(np.float32), RATE)),
        Player("true: 7", sine(900), wav_file(sine(900).astype(np.float32), RATE)),
    ]

    html = page("Sounds & more", given, RATE)

    assert "<h1>Sounds &amp; more</h1>" in html
    assert re.findall("<figcaption>(.*)</figcaption>", html) == ["made: 7 &lt;theo&gt;", "true: 7"]
    played = re.findall('src="data:audio/wav;base64,([^"]*)"', html)
    assert [base64.b64decode(each) for each in played] == [each.wav for each in given]
    for each, player in zip(played, given, strict=True):
        assert len(wavfile.read(io.BytesIO(base64.b64decode(each)))[1]) == len(player.waveform)
    for each in re.findall('src="data:image/png;base64,([^"]*)"', html):
        with Image.open(io.BytesIO(base64.b64decode(each))) as picture:
            assert picture.width > 200
    assert "http" not in html
