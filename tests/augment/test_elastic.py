"""Displacements of a coarse grid, interpolated."""

import numpy as np
import pytest

from kcnn.augment.albumentations import augmenter
from kcnn.augment.elastic import displacements, interpolation
from kcnn.recipes.augment import Elastic


@pytest.mark.parametrize(("length", "nodes"), [(9, 3), (256, 3), (13, 4), (5, 1), (1, 3)])
def test_every_pixel_s_weights_make_one(length, nodes):
    matrix = interpolation(length, nodes)

    assert matrix.shape == (length, nodes)
    np.testing.assert_allclose(matrix.sum(1), 1)


def test_at_a_node_the_displacement_is_the_node_s():
    nodes = np.random.default_rng(0).normal(size=(2, 3, 3))

    np.testing.assert_allclose(displacements(nodes, 9, 17)[:, ::4, ::8], nodes, atol=1e-12)


def test_between_nodes_it_is_keys_s_cubic():
    values = np.array([2.0, -1.0, 4.0, 3.0, 0.0])
    p0, p1, p2, p3 = values[1:]
    t = 0.25
    catmull_rom = p1 + t / 2 * (p2 - p0 + t * (2 * p0 - 5 * p1 + 4 * p2 - p3 + t * (3 * (p1 - p2) + p3 - p0)))

    assert (interpolation(17, 5) @ values)[9] == pytest.approx(catmull_rom)


def test_a_straight_line_is_followed_between_inner_nodes():
    np.testing.assert_allclose((interpolation(41, 5) @ np.arange(5.0))[10:31], np.linspace(1, 3, 21))


def test_the_displacements_of_many_draws_deviate_by_sigma_at_the_nodes_and_less_between():
    nodes = np.random.default_rng(0).normal(0, 10, (4000, 3, 3))
    deviation = displacements(nodes, 65, 65).std(axis=0)

    np.testing.assert_allclose(deviation[::32, ::32], 10, rtol=0.05)
    assert 5 < deviation.min() < deviation.mean() < 10


def moves(sigma):
    """How far an image whose pixels say their column was moved sideways, in its middle, by 200 seeds."""
    columns = np.tile(np.arange(256, dtype=np.uint8), (33, 1))[np.newaxis, ..., np.newaxis]
    augment = augmenter((Elastic(sigma=sigma),), (33, 256, 1))
    made = np.stack([augment(columns, seed)[0, 16, :, 0] for seed in range(200)])
    places = np.array([0, 127, 255])
    return made[:, places].astype(float) - places


def test_the_pixels_of_an_image_move_by_sigma():
    moved = moves(10.0)[:, 1]

    # The middle of three nodes lies between the pixels 127 and 128.
    assert moved.std() == pytest.approx(10, rel=0.15)
    assert abs(moved.mean()) < 2.5


def test_what_lies_outside_is_mirrored():
    moved = moves(10.0)

    assert (moved[:, 0] >= 0).all()
    assert (moved[:, 2] <= 0).all()
    assert moved[:, 0].max() > 15
