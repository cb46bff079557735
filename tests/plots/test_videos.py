"""Contact sheets of clips: which frames are drawn, in which colours, and when the network looks."""

import matplotlib.text
import numpy as np
import pytest
from PIL import Image

from kcnn.plots.figure import save
from kcnn.plots.panels import GREEN, RED
from kcnn.plots.videos import Watched, contact_sheet, shares

RANDOM = np.random.default_rng(0)


def watched(frames=4, size=(12, 16), channels=3, caption="a clip", **options):
    pixels = RANDOM.integers(0, 256, (frames, *size, channels), np.uint8)
    return Watched(caption, pixels, RANDOM.random((frames, *size)), **options)


def texts(made):
    return [text.get_text() for text in made.findobj(matplotlib.text.Text) if text.get_text()]


def strips(made):
    return [axes.get_images()[0].get_array() for axes in made.axes if axes.get_images()]


def curves(made):
    return [axes for axes in made.axes if not axes.get_images()]


@pytest.mark.parametrize("channels", [1, 3])
def test_every_frame_is_drawn_in_its_colours_with_white_between(channels):
    clip = watched(channels=channels)

    frames, heat = strips(contact_sheet([clip], "title"))

    assert frames.shape == heat.shape == (12, 4 * 17, 3)
    for place, frame in enumerate(clip.frames):
        np.testing.assert_allclose(frames[:, 17 * place :][:, :16], np.broadcast_to(frame, (12, 16, 3)) / 255)
    assert (frames[:, 16::17] == 1).all()


def test_saliency_has_one_scale_for_the_whole_clip():
    clip = watched(3)
    clip.saliency[:] = np.array([0.0, 0.5, 1.0])[:, None, None]

    heat = strips(contact_sheet([clip]))[1][:, [0, 17, 34]].sum(-1)

    assert (np.diff(heat, axis=1) > 0.3).all()


def test_evidence_is_laid_over_the_frames_where_there_is_some():
    clip = watched(2, evidence={"Grad-CAM": np.stack([np.zeros((12, 16)), np.ones((12, 16))])})

    made = contact_sheet([clip])

    *_, over = strips(made)
    grey = clip.frames[0].mean(-1, keepdims=True) / 255
    np.testing.assert_allclose(over[:, :16], np.broadcast_to(grey, (12, 16, 3)))
    assert np.ptp(over[:, 17:33].reshape(-1, 3), axis=0).max() < 0.16
    assert {"frame", "saliency", "Grad-CAM"} <= set(texts(made))


def test_eight_frames_are_in_a_row():
    made = contact_sheet([watched(19)])

    assert [strip.shape[1] // 17 for strip in strips(made)] == [8, 8, 8, 8, 3, 3]
    assert [str(number) for number in range(1, 20)] == [text for text in texts(made) if text.isdigit()][:19]


def test_of_a_long_clip_frames_are_spread_evenly_and_the_curve_has_them_all():
    clip = watched(61)

    made = contact_sheet([clip], most=4)

    (axes,) = curves(made)
    line, dots, _ = axes.get_lines()
    np.testing.assert_allclose(line.get_ydata(), shares(clip.saliency))
    assert dots.get_xdata().tolist() == [0, 20, 40, 60]
    frames, _ = strips(made)
    np.testing.assert_allclose(frames[:, 17:33], clip.frames[20] / 255)


def test_the_dots_of_the_curve_stand_below_their_frames():
    made = contact_sheet([watched(6)])

    (axes,) = curves(made)
    above = next(each for each in made.axes if each.get_images())
    _, dots, _ = axes.get_lines()
    for place, frame in zip(dots.get_xydata(), range(6), strict=True):
        x = axes.transData.transform(place)[0]
        assert x == pytest.approx(above.transData.transform((17 * frame + 7.5, 0))[0], abs=1.5)


def test_shares_are_those_of_all_saliency_and_none_where_there_is_none():
    saliency = np.zeros((3, 2, 2), np.float32)
    saliency[1], saliency[2, 0, 0] = 1, 4

    np.testing.assert_allclose(shares(saliency), [0, 0.5, 0.5])
    np.testing.assert_allclose(shares(np.zeros((3, 2, 2))), 0)


def test_times_are_in_seconds_where_the_rate_is_known():
    assert {"0.00 s", "0.08 s", "0.16 s", "0.24 s"} <= set(texts(contact_sheet([watched(rate=12.5)])))


def test_a_caption_has_the_colour_of_its_answer():
    clips = [watched(caption=name, right=right) for name, right in (("$a$", True), ("b", False), ("c", None))]

    made = contact_sheet(clips, "title")

    colours = {text.get_text(): text.get_color() for text in made.texts}
    assert (colours["$a$"], colours["b"], colours["c"]) == (GREEN, RED, "black")


def test_frames_alone_have_neither_heat_nor_curve():
    clip = Watched("label", RANDOM.integers(0, 256, (3, 8, 8, 1), np.uint8))

    made = contact_sheet([clip, clip])

    assert (len(strips(made)), curves(made)) == (2, [])


@pytest.mark.parametrize(
    ("frames", "size"),
    [(1, (8, 8)), (32, (8, 8)), (9, (60, 8)), (8, (8, 60)), (64, (16, 16)), (4, (128, 9)), (1, (128, 9))],
)
@pytest.mark.parametrize("name", ["other", "a clip of a very long name, which says all that can be seen in it " * 5])
def test_no_text_is_over_another_or_beyond_the_sheet(frames, size, name, tmp_path):
    made = contact_sheet([watched(frames, size, rate=25.0), watched(frames, size, caption=name)], f"What {name} is")

    save(made, tmp_path / "sheet.png")

    renderer = made._get_renderer()
    boxes = [
        text.get_window_extent(renderer)
        for text in made.findobj(matplotlib.text.Text)
        if text.get_text() and text.get_visible()
    ]
    for place, box in enumerate(boxes):
        assert box.x0 >= 0 and box.x1 <= made.bbox.width and box.y0 >= 0 and box.y1 <= made.bbox.height
        assert not any(box.overlaps(other) for other in boxes[:place])
    with Image.open(tmp_path / "sheet.png") as picture:
        assert picture.width == 1430


def test_no_saliency_at_all_is_drawn_as_none(tmp_path):
    clip = Watched("still", np.zeros((2, 8, 8, 3), np.uint8), np.zeros((2, 8, 8)))

    save(contact_sheet([clip]), tmp_path / "none.png")
