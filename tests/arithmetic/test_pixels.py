import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from skimage import exposure, util

from kcnn.arithmetic.pixels import change_depth, min_max, quantise, scaled, standardise
from kcnn.errors import InputError

depths = st.integers(1, 16)
images = arrays(float, array_shapes(max_dims=3), elements=st.floats(-1e6, 1e6))
unit_images = arrays(float, array_shapes(max_dims=3), elements=st.floats(0, 1))


@given(unit_images)
def test_quantising_equals_scikit_images(image):
    for bits, convert in (8, util.img_as_ubyte), (16, util.img_as_uint):
        expected = convert(image)
        found = quantise(image, bits)

        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "int16", "bool"])
def test_scaling_equals_scikit_images(dtype):
    image = np.random.default_rng(0).integers(0, 2, (4, 5)).astype(dtype) * np.array(1, dtype)
    image = image if dtype == "bool" else image * np.iinfo(dtype).max // 3

    np.testing.assert_allclose(scaled(image), util.img_as_float64(image), rtol=1e-15)


@given(st.integers(1, 32), st.data())
def test_scaling_undoes_quantising_by_half_a_step_and_quantising_scaling_wholly(bits, data):
    value = data.draw(st.floats(0, 1))
    level = data.draw(st.integers(0, 2**bits - 1))

    assert abs(scaled(quantise(value, bits), bits) - value) <= 0.5 / (2**bits - 1) + 1e-15
    assert quantise(scaled(level, bits), bits) == level


@pytest.mark.parametrize(
    ("bits", "dtype"),
    [(1, "uint8"), (8, "uint8"), (9, "uint16"), (12, "uint16"), (16, "uint16"), (17, "uint32"), (32, "uint32")],
)
def test_the_smallest_unsigned_type_holds_the_depth(bits, dtype):
    largest = quantise(np.ones(1), bits)

    assert largest.dtype == change_depth(np.ones(1, int), 1, bits).dtype == dtype
    assert largest[0] == change_depth(np.ones(1, int), 1, bits)[0] == 2**bits - 1


def test_halves_are_rounded_to_the_even_integer():
    np.testing.assert_array_equal(quantise(np.array([0.5, 1.5, 2.5]) / 3, 2), [0, 2, 2])


@given(depths, depths, st.data())
def test_changing_the_depth_gives_the_nearest_integer(before, after, data):
    level = data.draw(st.integers(0, 2**before - 1))

    changed = change_depth(level, before, after)

    assert changed == quantise(scaled(level, before), after)


@given(st.integers(1, 32), st.integers(1, 32), st.data())
def test_more_depth_and_back_loses_nothing(one, other, data):
    before, after = sorted((one, other))
    level = data.draw(st.integers(0, 2**before - 1))

    assert change_depth(change_depth(level, before, after), after, before) == level


def test_8_bits_in_16_are_multiples_of_257():
    levels = np.arange(256, dtype=np.uint8)

    np.testing.assert_array_equal(change_depth(levels, 8, 16), levels.astype(int) * 257)


def test_12_bits_in_a_larger_type_are_scaled_by_their_own_depth():
    np.testing.assert_array_equal(scaled(np.array([0, 4095], np.uint16), 12), [0, 1])


@given(images)
def test_min_max_goes_from_0_to_1_in_the_same_order(image):
    result = min_max(image)

    if image.min() == image.max():
        assert not result.any()
    else:
        assert (result.min(), result.max()) == (0, 1)
        assert (np.diff(result.ravel()[np.argsort(image, axis=None)]) >= 0).all()


@given(arrays(float, (3, 4), elements=st.integers(-1000, 1000)))
def test_min_max_equals_scikit_images(image):
    if image.min() < image.max():
        np.testing.assert_allclose(min_max(image), exposure.rescale_intensity(image, out_range=(0.0, 1.0)), atol=1e-12)


@given(arrays(float, (3, 4), elements=st.integers(-1000, 1000)))
def test_standardised_values_have_mean_0_and_variance_1(image):
    result = standardise(image)

    assert result.mean() == pytest.approx(0, abs=1e-12)
    assert result.var() == pytest.approx(float(image.min() < image.max()))


def test_the_smallest_differences_are_normalised_too():
    image = [0, 5e-324]

    np.testing.assert_array_equal(min_max(image), [0, 1])
    np.testing.assert_array_equal(standardise(image), [-1, 1])


@given(st.floats(-1e6, 1e6), array_shapes(max_dims=3))
def test_a_constant_image_becomes_0(value, shape):
    image = np.full(shape, value)

    assert not min_max(image).any()
    assert not standardise(image).any()


@given(arrays(float, (3, 4), elements=st.integers(-1000, 1000)), st.floats(0.5, 4), st.floats(-100, 100))
def test_brightness_and_contrast_make_no_difference(image, contrast, brightness):
    for normalised in min_max, standardise:
        np.testing.assert_allclose(normalised(contrast * image + brightness), normalised(image), atol=1e-9)


@pytest.mark.parametrize("normalised", [min_max, standardise])
def test_each_image_and_channel_of_a_batch_may_be_normalised_by_itself(normalised):
    batch = np.random.default_rng(0).normal(size=(2, 5, 4, 3))
    batch[1, :, :, 2] = 7

    result = normalised(batch, axes=(1, 2))

    for index, channel in np.ndindex(2, 3):
        np.testing.assert_allclose(result[index, :, :, channel], normalised(batch[index, :, :, channel]))
    assert not result[1, :, :, 2].any()


def test_integers_do_not_overflow():
    image = np.array([0, 255], np.uint8)

    np.testing.assert_array_equal(min_max(image), [0, 1])
    np.testing.assert_array_equal(standardise(image), [-1, 1])
    assert change_depth(np.array([2**32 - 1]), 32, 32)[0] == 2**32 - 1


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (quantise, ([np.nan], 8), "image must be finite, got 1 NaN or infinite values"),
        (quantise, ([0.5, 1.01], 8), "image must lie in 0..1, got 0.5 to 1.01"),
        (quantise, ([-0.1], 8), "image must lie in 0..1, got -0.1"),
        (quantise, ([0.5], 0), "bits must be 1 to 32, got 0"),
        (quantise, ([0.5], 33), "bits must be 1 to 32, got 33"),
        (quantise, ([1j], 8), "image must hold real numbers, got complex128"),
        (quantise, ([], 8), "image must hold real numbers, got float64 of shape"),
        (scaled, ([0.5],), "image must hold integers, got float64"),
        (scaled, ([256], 8), "image must lie in 0..255 for 8 bits, got 256 to 256"),
        (scaled, (np.array([-1], np.int8),), "image must lie in 0..127 for 7 bits, got -1"),
        (scaled, ([1], 65), "bits must be 1 to 64, got 65"),
        (change_depth, ([0.5], 8, 16), "image must hold integers"),
        (change_depth, ([256], 8, 16), "image must lie in 0..255 for 8 bits"),
        (change_depth, ([1], 8, 33), "bits must be 1 to 32, got 33"),
        (min_max, ([np.inf],), "image must be finite"),
        (min_max, ([],), "got float64 of shape"),
        (min_max, ([[1, 2]], 2), "axes must be below the image's 2, got 2"),
        (standardise, ([np.nan],), "image must be finite"),
        (standardise, ([[1, 2]], (0, -3)), r"axes must be below the image's 2, got \(0, -3\)"),
    ],
)
def test_what_is_no_image_is_refused(function, arguments, message):
    with pytest.raises(InputError, match=message):
        function(*arguments)


@pytest.mark.parametrize("size", [1e308, 1e-300])
def test_neither_the_largest_nor_the_smallest_floats_are_too_much(size):
    image = np.array([-size, 0, size])

    np.testing.assert_allclose(min_max(image), [0, 0.5, 1])
    np.testing.assert_allclose(standardise(image), np.array([-1, 0, 1]) * np.sqrt(1.5))


def test_differences_that_are_small_beside_the_values_stay_exact():
    np.testing.assert_array_equal(min_max(6e15 + np.arange(3)), [0, 0.5, 1])
