"""The probability falls where the square covers what the class depends on, and nowhere else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import softmax

from kcnn.errors import InputError
from kcnn.explain.occlusion import occlusion
from tests.explain.networks import blob, blob_detector, linear


@pytest.fixture(scope="module")
def detector():
    return blob_detector()


def test_it_falls_where_the_blob_is(detector):
    probabilities = occlusion(detector, blob(3, 8), [1], size=3, stride=1)[0]
    assert probabilities.shape == (12, 12)
    untouched = softmax([0, 40 * 3 / 144])[1]
    rows, columns = np.indices(probabilities.shape)
    far = (abs(rows - 3) > 2) | (abs(columns - 8) > 2)
    np.testing.assert_allclose(probabilities[far], untouched, rtol=1e-5)
    assert (probabilities[~far] < untouched - 0.01).all()


@settings(deadline=None, max_examples=25)
@given(size=st.integers(1, 9), stride=st.integers(1, 8), fill=st.floats(-2, 2, width=16))
def test_it_is_the_answer_to_the_covered_image_at_every_place(size, stride, fill):
    random = np.random.default_rng(0)
    weights = random.normal(size=(6, 7, 1, 3)).astype("float32")
    image = random.normal(size=(1, 6, 7, 1)).astype("float32")
    found = occlusion(linear(weights), image, [2], size, stride, fill, batch=5)[0]

    assert found.shape == (-(-6 // stride), -(-7 // stride))
    reach = [max(0, (count - 1) * stride + size - side) // 2 for count, side in zip(found.shape, (6, 7), strict=True)]
    for row, column in np.ndindex(found.shape):
        covered = image[0, ..., 0].copy()
        for r, c in np.ndindex(covered.shape):
            if 0 <= r + reach[0] - row * stride < size and 0 <= c + reach[1] - column * stride < size:
                covered[r, c] = fill
        logits = np.tensordot(covered, weights[..., 0, :], 2)
        np.testing.assert_allclose(found[row, column], softmax(logits)[2], rtol=1e-4, atol=1e-6)


def test_each_image_is_covered_for_its_own_class(detector):
    together = occlusion(detector, np.concatenate([blob(3, 8), blob(9, 2)]), [1, 0], size=4, stride=3, batch=7)
    np.testing.assert_allclose(together[1], occlusion(detector, blob(9, 2), [0], size=4, stride=3)[0], rtol=1e-6)


def test_the_image_is_left_as_it_was(detector):
    image = blob(3, 8)
    occlusion(detector, image, [1], size=3, stride=3)
    np.testing.assert_array_equal(image, blob(3, 8))


@pytest.mark.parametrize("wrong", [{"size": 0}, {"stride": 0}, {"batch": 0}])
def test_a_count_below_1_is_refused(detector, wrong):
    with pytest.raises(InputError, match=f"{next(iter(wrong))} must be at least 1, got 0"):
        occlusion(detector, blob(3, 8), [1], **{"size": 3, "stride": 2} | wrong)
