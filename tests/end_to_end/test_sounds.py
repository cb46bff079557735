"""Recordings as a user has them: train, export, serve, predict, generate, and every kind of rubbish in one line."""

from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile

from kcnn.cli.main import call
from kcnn.experiment.export import export
from kcnn.experiment.run import run
from kcnn.serving.server import running
from kcnn.workspace import Workspace
from tests.experiment.spoken import recipe
from tests.waves import KINDS, corpus, tone, wav

from .commands import as_json, refusal

SHORT = {"epochs": 1, "steps": 2}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("sounds")


@pytest.fixture(scope="module")
def made(home):
    """Runs of each task, of two steps, all published but one that follows a recording; one is told nothing."""
    words, space = corpus(home / "words", count=4), Workspace(home)
    local = {"name": "follower", "data.local": 6, "data.conditions": []}
    alone = {"name": "alone", "data.conditions": []}
    for name, changes in {"namer": {}, "talker": {}, "alone": alone, "follower": local}.items():
        draft = recipe(words, "namer" if name == "namer" else "talker", **{**changes, **SHORT})
        result = run(draft, workspace=space)
        if name != "follower":
            export(result, workspace=space)
    return space


@pytest.fixture
def inside(made, home, monkeypatch):
    monkeypatch.chdir(home)
    return home


@pytest.fixture(scope="module")
def server(made):
    with running(made.saved_models) as url:
        yield url


def namer(server, *files):
    return ["predict", *map(str, files), "--server", server, "--model", "namer"]


def talker(server, *arguments):
    return ["predict", *arguments, "--server", server, "--model", "talker"]


# Recordings that are named


def test_recordings_of_any_kind_are_named(inside, server, capsys, tmp_path):
    files = []
    for number, kind in enumerate(KINDS):
        heard = tone(400, 0.2, 6000 + 1500 * number)
        both = np.stack([heard, heard], 1) if number % 2 else heard
        files.append(tmp_path / f"{kind}.wav")
        files[-1].write_bytes(wav(both, 6000 + 1500 * number, kind, extensible=kind == "i24"))

    answers = as_json(capsys, *namer(server, *files))["predictions"]

    assert [answer["recording"] for answer in answers] == list(map(str, files))
    for answer in answers:
        assert answer["class"] in ("high", "low")
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)


def test_answers_are_a_table_for_people(inside, server, capsys):
    assert call(namer(server, "words/low/low_ann_0.wav", "words/high/high_bob_1.wav")) == 0

    shown = capsys.readouterr()
    assert shown.out.split("\n")[1].split() == ["recording", "class", "probability", "then"]
    assert shown.err == ""


def test_more_recordings_than_one_request_holds_are_answered_in_order(inside, server, capsys):
    names = [f"{label}/{label}_ann_{number % 4}.wav" for number in range(35) for label in ("low", "high")]
    files = [inside / "words" / name for name in names]

    answers = as_json(capsys, *namer(server, *files))["predictions"]

    assert [answer["recording"] for answer in answers] == list(map(str, files))
    for number in range(2, 8):
        assert answers[number]["probabilities"] == pytest.approx(answers[number + 8]["probabilities"], abs=1e-5)


RUBBISH = {
    "not there": (None, "no.wav: No such file or directory"),
    "text": (b"I am a text, not a sound", "no.wav: not a WAV file"),
    "empty": (b"", "no.wav: not a WAV file"),
    "truncated": (wav(tone(300, 0.1, 8000))[:-9], "no.wav: cut short: its header promises more than there is"),
    "silent": (wav(np.zeros(900)), "no.wav: silent"),
}


@pytest.mark.parametrize("fault", RUBBISH)
def test_rubbish_is_one_line_and_exit_code_3(inside, server, capsys, tmp_path, fault):
    content, message = RUBBISH[fault]
    if content is not None:
        (tmp_path / "no.wav").write_bytes(content)

    code, line = refusal(capsys, *namer(server, "words/low/low_ann_0.wav", tmp_path / "no.wav"))

    assert code == 3
    assert line.endswith(message)


@pytest.mark.parametrize("fault", [fault for fault in RUBBISH if RUBBISH[fault][0] is not None])
def test_rubbish_to_learn_from_is_one_line_and_exit_code_3(inside, capsys, tmp_path, fault):
    words = corpus(tmp_path / "words", count=4)
    (words / "low" / "no.wav").write_bytes(RUBBISH[fault][0])

    code = call(["train", "spectrogram_cnn_digits", "--data", str(words), "epochs=1", "steps=1"])

    line = capsys.readouterr().err.splitlines()[-1]
    assert code == 3
    assert f"{RUBBISH[fault][1].removeprefix('no.wav: ')})" in line
    assert "no.wav (" in line
    assert line.endswith("data.bad_files=skip leaves them out")


@pytest.mark.parametrize("parts", [["."], ["train", "val"]])
def test_one_s_own_folder_is_learned_from_by_the_recipe_for_the_digits(capsys, tmp_path, monkeypatch, parts):
    monkeypatch.chdir(tmp_path)
    for part in parts:
        for label, hertz in (("stop", 300), ("go", 900)):
            (tmp_path / "commands" / part / label).mkdir(parents=True)
            for name in ("one", "another", "the last"):
                content = wav(tone(hertz, 0.3, 16000), 16000)
                (tmp_path / "commands" / part / label / f"{name}.wav").write_bytes(content)

    command = ["train", "spectrogram_cnn_digits", "--data", "./commands"]
    assert call([*command, "epochs=1", "steps=1", "validation=0"]) == 0
    assert call([*command, "data.test=first"]) == 2
    assert "data.test=drawn" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["words/low/low_ann_0.wav", "-o", "new"], "-o is for answers that are files, and namer answers with names"),
        (["--class", "low"], "namer makes nothing of classes: it knows sounds"),
        (["--speaker", "ann"], "namer makes nothing of classes: it knows sounds"),
        (["words/low/low_ann_0.wav", "--speaker", "ann"], "give images, texts, series, recordings or clips, or with"),
    ],
)
def test_what_a_network_that_names_is_not_asked_is_refused(inside, server, capsys, arguments, message):
    code, line = refusal(capsys, *namer(server, *arguments))

    assert code == 2
    assert message in line


# Sounds that are made


def test_a_server_makes_a_sound_of_each_class_by_the_speakers_in_turn(inside, server, capsys, tmp_path):
    asked = ["--class", "low", "--class", "high", "--class", "low", "--speaker", "bob", "--speaker", "ann"]
    command = talker(server, *asked, "--seconds", "0.02", "--seed", "3", "-o", str(tmp_path / "new"))

    answers = as_json(capsys, *command)["predictions"]

    assert [answer["asked"] for answer in answers] == ["low bob", "high ann", "low bob"]
    stems = ["low_bob_3", "high_ann_4", "low_bob_5"]
    assert [answer["written"] for answer in answers] == [str(tmp_path / "new" / f"{stem}.wav") for stem in stems]
    for answer in answers:
        rate, samples = wavfile.read(answer["written"])
        assert (rate, len(samples)) == (4000, 80)
    before = {answer["written"]: Path(answer["written"]).read_bytes() for answer in answers}
    code, line = refusal(capsys, *command)
    assert (code, line) == (2, f"kcnn: {answers[0]['written']} is there already: --overwrite replaces it")
    assert call([*command, "--overwrite"]) == 0
    assert {path: Path(path).read_bytes() for path in before} == before


def test_who_is_told_nothing_is_asked_nothing(inside, server, capsys, tmp_path):
    command = ["predict", "--server", server, "--model", "alone", "--seconds", "0.02", "-o", str(tmp_path / "new")]

    (answer,) = as_json(capsys, *command)["predictions"]
    code, line = refusal(capsys, "predict", "--server", server, "--model", "alone")

    assert answer == {"asked": "sound", "written": str(tmp_path / "new" / "sound_0.wav")}
    assert len(wavfile.read(answer["written"])[1]) == 80
    assert (code, "give images, texts" in line) == (2, True)
    code, line = refusal(capsys, *namer(server, "-o", tmp_path / "other"))
    assert (code, "give images, texts" in line) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-o", "new"], "talker needs a class: --class NAME"),
        (["--class", "low", "--speaker", "ann"], "talker answers with sounds: -o FOLDER says where to write them"),
        (["--class", "low", "-o", "new"], "talker needs a speaker: --speaker NAME"),
        (["--speaker", "ann", "-o", "new"], "talker needs a class: --class NAME"),
        (["--class", "loud", "--speaker", "ann", "-o", "new"], "class_name must be one of high, low"),
        (["--class", "low", "--speaker", "eve", "-o", "new"], "speaker must be one of ann, bob"),
        (["--class", "low", "--speaker", "ann", "-o", "new", "--seconds", "61"], "seconds must be above 0 and at most"),
        (["words/low/low_ann_0.wav"], "talker makes sounds: name their classes with --class"),
    ],
)
def test_sounds_that_cannot_be_made_are_one_line(inside, server, capsys, arguments, message):
    code, line = refusal(capsys, *talker(server, *arguments))

    assert code == 2
    assert message in line
    assert not list(inside.glob("new/*"))


def test_a_network_that_follows_a_recording_is_not_published(inside, capsys):
    code, line = refusal(capsys, "export", "follower")

    assert code == 2
    assert "wavenet follows a recording that it is told: kcnn generate RUN --like FILE asks it" in line


def test_a_run_makes_a_sound_of_each_class_in_one_file_and_a_classifier_judges_them(inside, capsys, tmp_path):
    options = ["-n", "2", "--seconds", "0.05", "--judge", "namer"]

    answer = as_json(capsys, "generate", "talker", "-o", str(tmp_path / "all.wav"), *options)

    assert answer["path"] == str(tmp_path / "all.wav")
    assert (answer["sounds"], answer["seconds"]) == (4, 0.05)
    assert set(answer["by_class"]) == {"high", "low"}
    assert answer["recognised"] == pytest.approx(np.mean(list(answer["by_class"].values())))
    rate, samples = wavfile.read(tmp_path / "all.wav")
    assert (rate, len(samples)) == (4000, 4 * 200 + 3 * 1000)
    for pause in range(3):
        assert not samples[200 + 1200 * pause : 1200 + 1200 * pause].any()


def test_for_people_it_is_said_what_was_made(inside, capsys, tmp_path):
    path = tmp_path / "one.wav"

    assert call(["generate", "talker", "-o", str(path), "--class", "low", "--speaker", "bob", "--seconds", "0.01"]) == 0

    shown = capsys.readouterr()
    assert shown.out == f"{path}\n"
    assert "1 sounds of 0.01 s by talker" in shown.err


def test_a_recording_is_followed_for_as_long_as_it_is(inside, capsys, tmp_path):
    (tmp_path / "like.wav").write_bytes(wav(tone(400, 0.1, 8000)[400:-400], 8000, "i24"))
    command = ["generate", "follower", "-o", str(tmp_path / "new.wav"), "--like", str(tmp_path / "like.wav")]

    answer = as_json(capsys, *command)

    assert answer["sounds"] == 1
    assert answer["seconds"] == pytest.approx(0.1, abs=0.01)


@pytest.mark.parametrize("fault", RUBBISH)
def test_rubbish_to_follow_is_one_line_and_exit_code_3(inside, capsys, tmp_path, fault):
    content, message = RUBBISH[fault]
    if content is not None:
        (tmp_path / "no.wav").write_bytes(content)

    code, line = refusal(capsys, "generate", "follower", "-o", "new.wav", "--like", str(tmp_path / "no.wav"))

    assert (code, line) == (3, f"kcnn: {tmp_path}/{message}")


@pytest.mark.parametrize(
    ("run", "arguments", "message"),
    [
        ("talker", ["-o", "x.png"], "-o must be a .wav to write, got 'x.png'"),
        ("talker", ["-o", "no/where/x.wav"], "no/where/x.wav: there is no folder no/where"),
        ("talker", ["-o", "x.wav", "--class", "hi"], "unknown class of talker"),
        ("talker", ["-o", "x.wav", "--speaker", "eve"], "unknown speaker of talker"),
        ("talker", ["-o", "x.wav", "--seconds", "60.5"], "seconds must be above 0 and at most 60, got 60.5"),
        ("talker", ["-o", "x.wav", "--like", "words/low/low_ann_0.wav"], "follows no recording"),
        ("talker", ["-o", "x.wav", "--judge", "talker"], "judges are classifiers of recordings"),
        ("talker", ["-o", "x.wav", "--judge", "nobody"], "nobody"),
        ("follower", ["-o", "x.wav"], "follows a recording: --like FILE names it"),
        ("follower", ["-o", "x.wav", "--class", "low"], "is told no class: leave it out"),
        ("follower", ["-o", "x.wav", "--like", "words/low/low_ann_0.wav", "--judge", "namer"], "knows other classes"),
        ("namer", ["-o", "x.wav"], "(spectrogram_cnn) makes no sounds: it names them"),
        ("nobody", ["-o", "x.wav"], "nobody"),
    ],
)
def test_what_cannot_be_generated_is_one_line_and_exit_code_2(inside, capsys, run, arguments, message):
    code, line = refusal(capsys, "generate", run, *arguments)

    assert code == 2
    assert message in line
    assert not list(inside.glob("x.*"))


def test_what_is_for_sounds_is_refused_for_a_run_on_images(inside, capsys):
    assert call(["train", "mlp_digits", "epochs=1", "steps=1"]) == 0
    capsys.readouterr()

    for option in (["--speaker", "ann"], ["--seconds", "1"], ["--temperature", "0.5"], ["--like", "x.wav"]):
        code, line = refusal(capsys, "generate", "mlp_digits", "-o", "x.png", *option)
        assert code == 2
        assert option[0] in line
        assert "is for sounds, and mlp_digits makes none" in line
