"""Folders of clips and generated clips as sources: splits, labels, what a network sees, what is the same."""

import shutil
import threading

import numpy as np
import pytest

from kcnn.data import address, motions, videos
from kcnn.data.footage import Footage, Stills
from kcnn.data.signs import SIGNS
from kcnn.data.stretches import VideoExamples
from kcnn.errors import InputError
from kcnn.recipes.data import Pixels
from kcnn.recipes.video import CLASSES, GENERATED, Video
from tests.films import film, folder_of_frames, numbered, numbers


def load(folder, progress=None, **options):
    return address.load(Video(**{"source": str(folder), "frames": 4} | options), progress)


def names(source):
    """The clips of each split by what they are called."""
    return {split: [str(clip.path) for clip in part.clips] for split, part in source.splits.items()}


# Folders


def test_a_folder_in_one_piece_gives_a_fifth_of_each_class_to_test_and_a_tenth_of_the_rest_to_val(filmed):
    source = load(filmed)

    assert source.counts == {"train": 14, "val": 2, "test": 4}
    assert (source.choosing, source.classes, source.notes) == ("val", ("brighter", "darker"), ())
    assert all((np.bincount(part.labels) == len(part) // 2).all() for part in source.splits.values())


def test_every_clip_of_every_kind_is_in_one_split_with_the_label_of_its_folder(filmed):
    source = load(filmed)

    found = [name for part in names(source).values() for name in part]
    assert sorted(found) == sorted(str(path) for label in filmed.iterdir() for path in label.iterdir())
    assert len({name.rpartition(".")[2] for name in found if "." in name.rpartition("/")[2]}) == 5
    for part in source.splits.values():
        assert [clip.path.parent.name for clip in part.clips] == [source.classes[label] for label in part.labels]
        for sign, stretch in zip(1 - 2 * part.labels, part.inputs(np.arange(len(part))), strict=True):
            assert (np.diff(numbers(stretch)) == sign).all()


def test_another_seed_draws_another_part(filmed):
    one, again, other = (names(load(filmed, split_seed=seed)) for seed in (0, 0, 1))

    assert one == again
    assert one != other


def test_the_users_own_splits_are_taken_as_they_are(filmed, tmp_path):
    for split in ("train", "val", "test"):
        shutil.copytree(filmed, tmp_path / split)

    source = load(tmp_path)

    assert (source.counts, source.choosing) == ({"train": 20, "val": 20, "test": 20}, "val")


def test_without_test_choices_are_made_on_a_part_of_train(filmed, tmp_path):
    for split in ("train", "val"):
        shutil.copytree(filmed, tmp_path / split)

    source = load(tmp_path)

    assert (source.counts, source.choosing) == ({"train": 18, "holdout": 2, "val": 20}, "holdout")


def test_clips_and_folders_of_frames_may_lie_deeper_and_what_is_neither_is_noted(tmp_path):
    for label in ("one", "two"):
        (tmp_path / "own" / label / "deep").mkdir(parents=True)
        film(tmp_path / "own" / label / "deep" / "a.gif", numbered(5))
        folder_of_frames(tmp_path / "own" / label / "deep" / "frames", numbered(5))
        folder_of_frames(tmp_path / "own" / label / "loose", numbered(5))
        shutil.copy(tmp_path / "own" / label / "loose" / "1.png", tmp_path / "own" / label)
        (tmp_path / "own" / label / "deep" / "frames" / "notes.txt").write_text("no frame")

    source = load(tmp_path / "own", validation=0.0)

    assert sum(source.counts.values()) == 6
    assert source.notes == (f"{tmp_path / 'own'}: 4 files are not clips by their suffix and were left out",)


# What a network sees


def test_frames_have_the_size_of_the_clips_or_the_network_s(filmed):
    source = load(filmed)
    assert source.example_shape == source.typical_shape == (4, 24, 32, 3)

    fitted = load(filmed, size=(12, 10), channels=1, frames=3)
    assert fitted.example_shape == (3, 12, 10, 1)
    part = fitted.splits["train"]
    seen = part.inputs(np.array([0, 5]))
    assert (seen.shape, seen.dtype) == ((2, 3, 12, 10, 1), np.uint8)
    np.testing.assert_array_equal(part.truth(np.array([0, 5])), part.labels[[0, 5]])


def test_a_rate_decides_how_many_frames_lie_between_those_that_are_seen(filmed):
    part = load(filmed, rate=5, frames=4).splits["train"]

    for clip, stretch in zip(part.clips, part.inputs(np.arange(len(part))), strict=True):
        apart = 1 if clip.path.is_dir() else 2  # the clips have 10 frames a second, folders have no times
        assert (np.abs(np.diff(numbers(stretch))) == apart).all()


def test_pixels_are_standardised_by_those_of_train(filmed):
    source = load(filmed, size=(12, 16))
    part = source.splits["train"]

    seen = source.preprocessing.standardize(part.inputs(np.arange(len(part)))).numpy()

    np.testing.assert_allclose(seen.mean((0, 1, 2, 3)), 0, atol=1e-3)
    np.testing.assert_allclose(seen.std((0, 1, 2, 3)), 1, atol=1e-3)


@pytest.mark.parametrize("source", ["motions", None])
def test_a_network_s_weights_can_say_how_frames_are_presented(filmed, source):
    pixels = Pixels(mean=(0.1, 0.2, 0.3), std=(0.4, 0.5, 0.6), order="bgr")
    video = Video(source=source or str(filmed), frames=4, size=(16, 16), channels=3)

    ready = address.load(video, pixels=pixels).preprocessing

    assert ready.image.pixels == pixels
    clips = np.random.default_rng(0).integers(0, 256, (1, 4, 16, 16, 3), np.uint8)
    expected = ((clips / 255 - [0.1, 0.2, 0.3]) / [0.4, 0.5, 0.6])[..., ::-1]
    np.testing.assert_allclose(ready.standardize(clips), expected, atol=1e-5)


def test_of_many_clips_some_are_measured(filmed, monkeypatch):
    whole = load(filmed).preprocessing.image.mean
    monkeypatch.setattr(videos, "MEASURED", 3)

    source = load(filmed)

    seen = source.splits["train"].some(3).inputs(np.arange(3))
    assert source.preprocessing.image.mean == pytest.approx(tuple(seen.mean((0, 1, 2, 3)) / 255), abs=1e-5)
    assert source.preprocessing.image.mean != whole


def test_clips_are_measured_a_few_at_a_time_the_larger_they_are(filmed, monkeypatch):
    taken, inputs = [], VideoExamples.inputs
    monkeypatch.setattr(VideoExamples, "inputs", lambda *given: taken.append(len(given[1])) or inputs(*given))
    monkeypatch.setattr(videos, "_AT_ONCE", 3 * 4 * 24 * 32 * 3)

    small, whole = load(filmed, size=(12, 16)), load(filmed)

    assert max(taken[:2]) == 7 and sum(taken[:2]) == 14  # of a quarter of the bytes
    assert max(taken[2:]) == 3 and sum(taken[2:]) == 14
    assert small.preprocessing.image.mean == pytest.approx(whole.preprocessing.image.mean, abs=0.01)


# What is the same, and what is not


def test_the_fingerprint_does_not_depend_on_where_the_folder_lies(filmed, films):
    assert load(films).fingerprint == load(filmed).fingerprint


def test_the_fingerprint_sees_another_clip_another_frame_a_name_and_another_split(filmed, films):
    one = load(films)
    film(films / "darker" / "0.gif", numbered(6))
    clip = load(films)
    shutil.copy(films / "darker" / "3" / "1.png", films / "darker" / "3" / "4.png")
    frame = load(films)
    (films / "darker").rename(films / "dark")

    prints = {one.fingerprint, clip.fingerprint, frame.fingerprint, load(films).fingerprint}

    assert len(prints | {load(filmed, split_seed=1).fingerprint}) == 5


def test_files_are_hashed_by_the_workers_that_decode_them(filmed, monkeypatch):
    threads = []
    for kind in (Footage, Stills):
        digest = kind.digest
        monkeypatch.setattr(
            kind, "digest", lambda clip, digest=digest: threads.append(threading.current_thread()) or digest(clip)
        )

    load(filmed)

    assert len(threads) == 20
    assert threading.main_thread() not in threads


def test_progress_is_told_until_all_are_read(filmed):
    told = []

    load(filmed, lambda done, total: told.append((done, total)))

    assert told == [(done, 20) for done in range(1, 21)]


def test_what_a_source_is_can_be_written_down(filmed):
    written = load(filmed).to_json()

    assert written["preprocessing"]["kind"] == "video"
    assert written["counts"] == {"train": 14, "val": 2, "test": 4}


# Generated


@pytest.mark.parametrize(("name", "classes"), [("motions", motions.MOTIONS), ("shapes", SIGNS)])
def test_generated_clips_are_split_evenly_between_the_classes(name, classes):
    source = load(name, examples=200, frames=16)

    assert source.counts == {"train": 140, "val": 20, "test": 40}
    assert (source.classes, source.example_shape) == (classes, (16, 32, 32, 1))
    assert len(classes) == CLASSES
    for part in source.splits.values():
        assert (np.bincount(part.labels) == len(part) // 10).all()
    clips, labels = getattr(motions, name)(200, 0)
    known = {clip.tobytes(): label for clip, label in zip(clips, labels, strict=True)}
    for part in source.splits.values():
        seen = part.inputs(np.arange(len(part)))
        assert [known.pop(clip.tobytes()) for clip in seen] == part.labels.tolist()
    assert not known


def test_generated_clips_are_fitted_and_cut_as_others_are():
    source = load("motions", examples=20, frames=8, size=(16, 16), channels=3)

    assert source.example_shape == (8, 16, 16, 3)
    (seen,) = source.splits["train"].inputs(np.array([0]))
    assert (seen[..., 0] == seen[..., 2]).all()


def test_generated_clips_are_others_with_another_seed_and_their_fingerprint_says_so():
    one, again, other = (load("motions", examples=20, split_seed=seed) for seed in (0, 0, 1))

    assert one.fingerprint == again.fingerprint != other.fingerprint
    assert one.fingerprint != load("shapes", examples=20).fingerprint


def test_an_address_is_valid_from_every_folder(filmed, monkeypatch):
    monkeypatch.chdir(filmed.parent)

    assert address.absolute(Video(source=filmed.name)) == str(filmed)
    assert [address.absolute(Video(source=name)) for name in GENERATED] == list(GENERATED)


def test_fewer_generated_clips_than_classes_are_refused():
    with pytest.raises(InputError, match=r"data\.examples of motions must be at least 10, got 9"):
        address.check(Video(source="motions", examples=9))
