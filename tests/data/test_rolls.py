"""Piano rolls in MATLAB files, as those of the chorales, and everything that can be wrong in them."""

import numpy as np
import pytest
from scipy.io import savemat

from kcnn.data import address
from kcnn.errors import DataError, InputError
from kcnn.recipes.series import Series

SPLITS = {"train": "traindata", "val": "validdata", "test": "testdata"}


def pieces(count, keys=5, first=4, seed=0):
    """Rolls of `first`, `first` + 1, ... steps."""
    random = np.random.default_rng(seed)
    return [random.integers(0, 2, (first + number, keys)).astype(np.float64) for number in range(count)]


def cells(values):
    made = np.empty((1, len(values)), object)
    for number, value in enumerate(values):
        made[0, number] = value
    return made


ROLLS = {"train": pieces(10), "val": pieces(3, seed=1), "test": pieces(2, seed=2)}


def write(path, rolls=ROLLS):
    savemat(path, {SPLITS.get(split, split): cells(values) for split, values in rolls.items()})
    return path


def load(path, **options):
    return address.load(Series(**{"source": str(path), "task": "prediction"} | options))


def test_of_every_piece_the_next_step_is_asked(tmp_path):
    source = load(write(tmp_path / "rolls.mat"))

    assert source.counts == {"train": 10, "val": 3, "test": 2}
    assert source.choosing == "val"
    for split, part in source.splits.items():
        for values, truth, piece in zip(part.values, part.truths, ROLLS[split], strict=True):
            np.testing.assert_array_equal(values, piece[:-1])
            np.testing.assert_array_equal(truth, piece[1:])
            assert values.dtype == truth.dtype == np.float32


def test_rolls_are_of_any_length_with_a_channel_a_key_as_they_are(tmp_path):
    source = load(write(tmp_path / "rolls.mat"))

    assert (source.example_shape, source.typical_shape) == ((None, 5), (12, 5))
    assert source.options == {"answer": "every"}
    values = source.splits["test"].values[0]
    np.testing.assert_array_equal(source.preprocessing.standardize(values[np.newaxis])[0], values)


def test_88_keys_have_the_names_that_pianists_give_them(tmp_path):
    rolls = {split: pieces(2, 88) for split in ROLLS}

    names = load(write(tmp_path / "piano.MAT", rolls)).classes

    assert (names[0], names[-1], len(set(names))) == ("A0", "C8", 88)
    assert names[60 - 21] == "C4"  # MIDI's 60 is the middle one
    assert names[69 - 21] == "A4"


def test_other_keys_are_numbered(tmp_path):
    assert load(write(tmp_path / "rolls.mat")).classes == ("1", "2", "3", "4", "5")


@pytest.mark.parametrize(
    ("given", "counts", "choosing"),
    [
        (("train", "test"), {"train": 9, "val": 1, "test": 2}, "val"),
        (("train", "val"), {"train": 9, "holdout": 1, "val": 3}, "holdout"),
    ],
)
def test_where_a_split_is_missing_choices_are_made_by_a_part_of_train(tmp_path, given, counts, choosing):
    source = load(write(tmp_path / "rolls.mat", {split: ROLLS[split] for split in given}))

    assert (source.counts, source.choosing) == (counts, choosing)


def test_whole_numbers_and_booleans_are_rolls_too(tmp_path):
    rolls = ROLLS | {"train": [ROLLS["train"][0].astype(np.uint8), ROLLS["train"][1].astype(bool)]}

    source = load(write(tmp_path / "rolls.mat", rolls))

    np.testing.assert_array_equal(source.splits["train"].values[1], ROLLS["train"][1][:-1])


def test_the_fingerprint_is_of_content_not_of_place(tmp_path):
    first, same = write(tmp_path / "a.mat"), write(tmp_path / "b.mat")
    changed = [piece.copy() for piece in ROLLS["train"]]
    changed[3][2, 1] = 1 - changed[3][2, 1]

    other = write(tmp_path / "c.mat", ROLLS | {"train": changed})

    assert load(first).fingerprint == load(same).fingerprint != load(other).fingerprint


FAULTS = {
    "value": (np.full((3, 5), 2.0), "has values other than 0 and 1"),
    "fraction": (np.full((3, 5), 0.5), "has values other than 0 and 1"),
    "gap": (np.array([[0.0] * 5, [1, np.nan, 0, 0, 0]]), "has values other than 0 and 1"),
    "one step": (np.zeros((1, 5)), r"has the shape \(1, 5\), at least two steps of keys are needed"),
    "no steps": (np.zeros((0, 5)), r"has the shape \(0, 5\), at least two steps of keys are needed"),
    "complex": (np.full((3, 5), 1j), "has values other than 0 and 1"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_piece_that_cannot_be_used_is_named(tmp_path, fault):
    piece, says = FAULTS[fault]
    path = write(tmp_path / "rolls.mat", ROLLS | {"val": [ROLLS["val"][0], piece]})

    with pytest.raises(DataError, match=rf"1 piece cannot be used: .*rolls.mat \(piece 2 of val: {says}\)") as refused:
        load(path)
    assert refused.value.exit_code == 3


def test_a_faulty_piece_can_be_left_out_and_is_noted(tmp_path):
    path = write(tmp_path / "rolls.mat", ROLLS | {"train": [FAULTS["value"][0], *ROLLS["train"]]})

    source = load(path, bad_files="skip")

    assert source.counts == {"train": 10, "val": 3, "test": 2}
    assert source.notes == (f"left out 1 piece: {path} (piece 1 of train: has values other than 0 and 1)",)


def test_a_split_of_which_nothing_is_left_is_refused(tmp_path):
    path = write(tmp_path / "rolls.mat", ROLLS | {"test": [FAULTS["value"][0]]})

    with pytest.raises(DataError, match=r"rolls.mat: no series are left in test"):
        load(path, bad_files="skip")


def test_pieces_of_different_keys_are_refused(tmp_path):
    path = write(tmp_path / "rolls.mat", ROLLS | {"test": pieces(2, keys=7)})

    with pytest.raises(DataError, match=r"the pieces have 5, 7 keys: as many in each are needed"):
        load(path)


@pytest.mark.parametrize("split", ["train", "other"])
def test_a_file_without_what_is_to_be_reported_is_refused(tmp_path, split):
    path = write(tmp_path / "rolls.mat", {split: ROLLS["train"]})

    with pytest.raises(DataError, match=r"rolls.mat must hold traindata, and validdata or testdata"):
        load(path)


def test_a_matrix_in_the_place_of_pieces_is_refused(tmp_path):
    savemat(tmp_path / "rolls.mat", {"traindata": np.zeros((3, 5)), "testdata": cells(ROLLS["test"])})

    with pytest.raises(DataError, match=r"rolls.mat: traindata must be a cell array of pieces \(steps, keys\)"):
        load(tmp_path / "rolls.mat")


@pytest.mark.parametrize("content", [b"", b"these are words", b"MATLAB 5.0 MAT-file"])
def test_what_is_no_matlab_file_is_refused(tmp_path, content):
    path = tmp_path / "rolls.mat"
    path.write_bytes(content)

    with pytest.raises(DataError, match=r"rolls.mat is no MATLAB file that can be read"):
        load(path)


def test_a_file_that_was_cut_off_is_refused(tmp_path):
    path = write(tmp_path / "rolls.mat")
    path.write_bytes(path.read_bytes()[:700])

    with pytest.raises(DataError, match=r"rolls.mat: could not read bytes"):
        load(path)


def test_of_rolls_nothing_but_the_next_step_is_asked(tmp_path):
    path = write(tmp_path / "rolls.mat")

    with pytest.raises(InputError, match=r"data.task of .*rolls.mat must be prediction, got classification"):
        load(path, task="classification")
