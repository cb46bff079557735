"""Recordings as codes: pieces of which every sample is one, what comes before them, and what is told beside them."""

import numpy as np
import pytest
import tensorflow as tf

from kcnn.data import address
from kcnn.data.sounds import encoded
from kcnn.layers import LogMel
from kcnn.recipes.audio import Audio
from tests.waves import corpus, tone, wav

HOP = 80


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    return corpus(tmp_path_factory.mktemp("spoken") / "words", count=4)


def load(folder, **options):
    usual = {"source": str(folder), "task": "autoregression", "conditions": ("class", "speaker"), "trim": None}
    return address.load(Audio(**usual | options))


def expected_codes(source, path):
    return encoded(source.preprocessing.waveform(tf.constant(path.read_bytes()))).numpy()


def files(folder):
    return sorted(folder.rglob("*.wav"))


def all_pieces(source):
    return [codes for part in source.splits.values() for codes in part.codes]


@pytest.mark.parametrize(("seconds", "step"), [(1.0, 8000), (0.05, 400), (0.053, 400), (0.001, 80)])
def test_a_long_recording_is_cut_into_pieces_that_are_together_the_whole(few, seconds, step):
    source = load(few, seconds=seconds)

    whole = {bytes(expected_codes(source, path).astype(np.uint8)) for path in files(few)}
    found, row = [], b""
    for codes in all_pieces(source):
        assert 0 < len(codes) <= step
        row += codes.tobytes()
        if row in whole:
            found.append(row)
            row = b""
    assert (set(found), len(found), row) == (whole, 16, b"")


def test_only_the_last_piece_of_a_recording_is_shorter(few):
    source = load(few, seconds=0.05)
    lengths = [len(expected_codes(source, path)) for path in files(few)]

    assert len(all_pieces(source)) == sum(-(-length // 400) for length in lengths)
    assert sorted(len(piece) for piece in all_pieces(source) if len(piece) < 400) == sorted(
        length % 400 for length in lengths if length % 400
    )


def test_what_is_seen_is_a_step_late_and_begins_with_silence(few):
    part = load(few).splits["train"]
    indices = np.array([1, 0, 5])

    seen, truth = part.inputs(indices), part.truth(indices)

    longest = max(len(part.codes[index]) for index in indices)
    assert seen.shape == truth["values"].shape == truth["weights"].shape == (3, -(-longest // HOP) * HOP)
    assert (seen.dtype, truth["values"].dtype, truth["weights"].dtype) == (np.int32, np.int64, np.float32)
    for row, index in enumerate(indices):
        codes = part.codes[index]
        assert seen[row, 0] == 128
        np.testing.assert_array_equal(seen[row, 1 : len(codes)], codes[:-1])
        np.testing.assert_array_equal(truth["values"][row, : len(codes)], codes)
        np.testing.assert_array_equal(truth["values"][row, len(codes) :], 128)
        np.testing.assert_array_equal(truth["weights"][row], np.arange(seen.shape[1]) < len(codes))


def test_batches_are_as_the_signature_says(few):
    part = load(few, local=6).splits["train"]
    seen, truth = part.inputs(np.arange(3)), part.truth(np.arange(3))

    spec, specs = part.signature

    assert spec.is_compatible_with(tf.constant(seen))
    assert set(specs) == set(truth) == {"values", "weights", "class", "speaker", "local"}
    assert all(specs[name].is_compatible_with(tf.constant(value)) for name, value in truth.items())


@pytest.mark.parametrize(
    ("conditions", "told"),
    [
        ((), {}),
        (("class",), {"class": ("high", "low")}),
        (("speaker",), {"speaker": ("ann", "bob")}),
        (("speaker", "class"), {"class": ("high", "low"), "speaker": ("ann", "bob")}),
    ],
)
def test_a_network_is_told_as_many_labels_as_there_are_names(few, conditions, told):
    source = load(few, conditions=conditions)

    assert source.preprocessing.told == told
    assert source.options == {"conditions": dict.fromkeys(told, 2)}
    assert source.classes == tuple(map(str, range(256)))
    assert set(source.splits["train"].conditions) == set(told)


def test_every_piece_is_told_the_class_and_the_speaker_of_its_recording(few):
    source = load(few, seconds=0.05)
    whole = {path.stem: expected_codes(source, path).astype(np.uint8) for path in files(few)}

    for part in source.splits.values():
        for place, codes in enumerate(part.codes):
            said = [source.preprocessing.told[name][part.conditions[name][place]] for name in ("class", "speaker")]
            of = {tuple(name.split("_")[:2]) for name, one in whole.items() if codes.tobytes() in one.tobytes()}
            assert tuple(said) in of


def test_local_numbers_are_the_log_mel_energies_of_the_piece(few):
    source = load(few, local=6)
    path = files(few)[0]
    waveform = source.preprocessing.waveform(tf.constant(path.read_bytes())).numpy()
    codes = expected_codes(source, path)
    (local,) = [
        local
        for part in source.splits.values()
        for each, local in zip(part.codes, part.local, strict=True)
        if np.array_equal(each, codes)
    ]

    assert (source.options["local"], source.options["hop"]) == (6, HOP)
    assert len(local) == -(-len(waveform) // HOP)
    np.testing.assert_allclose(local, LogMel(8000, 6, HOP)(waveform[np.newaxis])[0], atol=1e-5)


def test_in_a_batch_local_numbers_are_filled_up_with_zeros(few):
    part = load(few, local=6).splits["train"]
    order = np.argsort(part.lengths)[[0, -1]]

    truth = part.truth(order)

    assert truth["local"].shape == (2, truth["values"].shape[1] // HOP, 6)
    for row, index in zip(truth["local"], order, strict=True):
        np.testing.assert_array_equal(row[: len(part.local[index])], part.local[index])
        assert not row[len(part.local[index]) :].any()


def test_the_longest_piece_and_the_middle_recording_of_train_are_known(few):
    for seconds, longest in ((0.1, 800), (9.0, None)):
        source = load(few, seconds=seconds, validation=0.0)
        recordings = load(few, seconds=9.0, validation=0.0).splits["train"].lengths
        assert source.preprocessing.longest == (longest or recordings.max())
        assert source.preprocessing.usual == int(np.median(recordings))


def test_some_are_spread_over_all_with_what_is_told_about_them(few):
    part = load(few, local=6).splits["train"]

    few = part.some(2)

    last = len(part) - 1
    assert len(few) == 2
    for place, index in enumerate((0, last)):
        np.testing.assert_array_equal(few.codes[place], part.codes[index])
        np.testing.assert_array_equal(few.local[place], part.local[index])
        assert all(few.conditions[name][place] == part.conditions[name][index] for name in part.conditions)


def test_the_fingerprint_sees_what_is_told(few):
    prints = {load(few, conditions=conditions).fingerprint for conditions in ((), ("class",), ("speaker",))}

    assert len(prints) == 3


def test_whole_10_ms_are_those_of_any_rate(tmp_path):
    for label, hertz in (("a", 300), ("b", 500)):
        (tmp_path / label).mkdir()
        for number in range(3):
            (tmp_path / label / f"x_{number}.wav").write_bytes(wav(tone(hertz, 0.1, 11025, seed=number), 11025))

    source = load(tmp_path, rate=11025, seconds=0.055, conditions=(), local=4)

    assert {len(piece) for piece in all_pieces(source)} >= {5 * 110}
    assert source.options == {"conditions": {}, "local": 4, "hop": 110}
