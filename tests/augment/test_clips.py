"""All frames of a clip are augmented alike, and each clip in its own way."""

import numpy as np
import pytest

from kcnn.augment.albumentations import augmenter
from kcnn.errors import InputError
from kcnn.recipes.augment import Affine, ColorJitter, Dihedral, Elastic, Erase, Flip, PadCrop

ALL = {
    "pad_crop": PadCrop(pixels=4),
    "flip": Flip(),
    "affine": Affine(shift=0.1, rotate=25, scale=0.2, shear=10),
    "color_jitter": ColorJitter(hue=0.1),
    "erase": Erase(),
    "elastic": Elastic(sigma=3),
    "dihedral": Dihedral(),
}


def stills(channels, clips=8, frames=5, side=24):
    """Clips (clips, frames, side, side, channels) of one and the same frame throughout."""
    frame = np.random.default_rng(0).integers(0, 256, (side, side, channels), np.uint8)
    return np.broadcast_to(frame, (clips, frames, side, side, channels)).copy()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", ALL)
def test_frames_that_were_the_same_are_the_same_and_clips_are_not(name, channels):
    clips = stills(channels)

    made = augmenter((ALL[name],), clips.shape[1:])(clips, 3)

    assert (made.shape, made.dtype) == (clips.shape, np.uint8)
    for clip in made:
        assert (clip == clip[0]).all()
    assert 1 < len({clip.tobytes() for clip in made}) <= 8


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", ALL)
def test_each_frame_is_what_an_image_would_be(name, channels):
    """With the draw of its clip: that of an image with the same seed."""
    clips = np.random.default_rng(1).integers(0, 256, (1, 4, 24, 24, channels), np.uint8)
    augment = augmenter((ALL[name],), clips.shape[1:])

    for seed in range(4):
        (made,) = augment(clips, seed)
        for frame, given in zip(made, clips[0], strict=True):
            np.testing.assert_array_equal(frame, augment(given[np.newaxis], seed)[0])


@pytest.mark.parametrize("name", ALL)
def test_equal_seeds_give_equal_clips_whatever_was_made_before(name):
    clips = stills(3)
    one, other = (augmenter((ALL[name],), clips.shape[1:]) for _ in range(2))
    other(clips, 9)

    np.testing.assert_array_equal(one(clips, 3), other(clips, 3))
    assert not np.array_equal(one(clips, 3), one(clips, 4))


def test_only_squares_are_turned():
    with pytest.raises(InputError, match="augment dihedral turns squares only, got images of 24 x 32"):
        augmenter((Dihedral(),), (4, 24, 32, 3))
