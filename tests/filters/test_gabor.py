import numpy as np
import pytest
from sklearn.datasets import load_sample_image

from kcnn.errors import InputError
from kcnn.filters import gabor
from kcnn.filters.convolution import filtered
from kcnn.filters.gabor import bank, complex_cells, simple_cells
from kcnn.filters.pictures import grey

PHOTOGRAPH = grey(load_sample_image("china.jpg") / 255)
WAVELENGTH = 8.0


def grating(angle, phase=0.0, size=60):
    """Stripes whose light changes along the angle."""
    rows, columns = np.mgrid[:size, :size] - size / 2
    along = columns * np.cos(angle) + rows * np.sin(angle)
    return 0.5 + 0.5 * np.cos(2 * np.pi * along / WAVELENGTH + phase)


def test_a_bank_has_a_cell_of_length_1_for_each_wavelength_orientation_and_phase():
    cells = bank([6.0, 9.0], orientations=3)

    assert [(cell.wavelength, cell.angle, cell.phase) for cell in cells] == [
        (wavelength, pytest.approx(k * np.pi / 3), phase)
        for wavelength in (6.0, 9.0)
        for k in range(3)
        for phase in gabor.PHASES
    ]
    for cell in cells:
        assert np.linalg.norm(cell.kernel) == pytest.approx(1)
        assert cell.kernel.sum() == pytest.approx(0, abs=1e-9)


def test_simple_cells_are_the_positive_answers_of_their_filters():
    cells = bank([4.0], 2)
    image = PHOTOGRAPH[:40, :50]

    fired = simple_cells(image, cells)

    for cell, answer in zip(cells, fired, strict=True):
        np.testing.assert_allclose(answer, filtered(image, cell.kernel).clip(0))


def test_even_light_makes_no_cell_fire():
    assert complex_cells(np.full((50, 50), 0.7), [6.0]).max() < 1e-9


@pytest.mark.parametrize("k", range(4))
def test_a_cell_prefers_stripes_across_its_angle(k):
    middle = complex_cells(grating(k * np.pi / 4), [WAVELENGTH])[0, :, 20:40, 20:40]

    assert (middle.argmax(axis=0) == k).all()
    assert np.sort(middle.max(axis=(1, 2)))[-2] < 0.2 * middle[k].min()


def test_complex_cells_hardly_notice_the_phase_which_decides_whether_a_simple_one_fires():
    (cell,) = bank([WAVELENGTH], 1, phases=[0.0])
    phases = np.arange(8) * np.pi / 4

    simple = np.array([simple_cells(grating(0, phase), [cell])[0, 30, 30] for phase in phases])
    complex_ = np.array([complex_cells(grating(0, phase), [WAVELENGTH], 1)[0, 0, 30, 30] for phase in phases])

    assert simple.min() == 0
    assert complex_.min() > 0.7 * complex_.max()


def test_complex_cells_hardly_notice_a_small_shift_the_less_the_larger_their_window():
    shifted = np.roll(PHOTOGRAPH, 2, axis=1)

    def change(window):
        before, after = (
            complex_cells(image, [WAVELENGTH], 1, window)[0, 0, :, 10:-10] for image in (PHOTOGRAPH, shifted)
        )
        return np.abs(after - before).mean() / before.mean()

    (cell,) = bank([WAVELENGTH], 1, phases=[0.0])
    before, after = (simple_cells(image, [cell])[0, :, 10:-10] for image in (PHOTOGRAPH, shifted))
    simple = np.abs(after - before).mean() / before.mean()
    assert simple > 2 * change(1) > 2 * change(9)
    assert change(9) < 0.2


@pytest.mark.parametrize("window", [1, 3, 9])
def test_large_images_get_the_maxima_of_the_reference(window):
    np.testing.assert_array_equal(gabor._largest(PHOTOGRAPH, window), gabor._largest.__wrapped__(PHOTOGRAPH, window))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bank([]), "at least"),
        (lambda: bank([8.0, 2.0]), "wavelengths must be at least 3 pixels, got 2.0"),
        (lambda: complex_cells(PHOTOGRAPH, [6.0], window=4), "window must be odd, got 4"),
        (lambda: simple_cells(np.zeros((9, 9, 3)), bank([4.0])), "image must be grey"),
    ],
)
def test_what_is_no_bank_or_window_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
