"""Texts and series as a user asks about them: train, export, serve, predict, explain, repeat."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kcnn.cli.main import call
from kcnn.experiment.export import export
from kcnn.experiment.run import run
from kcnn.serving.server import running
from kcnn.workspace import Workspace
from tests.experiment.sequences import questions, reviews

from .commands import as_json, call_in, refusal

SHORT = {"epochs": 1, "steps": 2, "batch_size": 8}
OPTIONS = '{"dimensions": 6, "windows": [1, 2], "filters": 4}'


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def inside(home, monkeypatch):
    monkeypatch.chdir(home)


@pytest.fixture(scope="module")
def server(home):
    with running(Workspace(home).saved_models) as url:
        yield url


@pytest.fixture(scope="module")
def series(home):
    """A published network for each question, untrained but for two steps, by the question's name."""
    space = Workspace(home)
    for question, changes in questions(home).items():
        named = {"name": question, "data.task": question}
        export(run("tcn_adding", workspace=space, **{**changes, **named, **SHORT}), workspace=space)


def table(path, header, *rows):
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n")
    return str(path)


# Texts


@pytest.fixture(scope="module")
def critic(home):
    """A run on reviews that was started by its command, and is published as `critic`."""
    corpus, here = reviews(home / "reviews"), Workspace(home)
    code = call_in(
        home,
        *("train", "text_cnn_polarity", "--data", str(corpus), "name=critic", "epochs=3", "batch_size=10"),
        *("data.folds=none", "patience=none", "optimizer=adam", "optimizer.lr=0.02", f"model.options={OPTIONS}"),
    )
    assert code == 0
    assert call_in(home, "export", "critic") == 0
    return next(here.runs.glob("critic-*")).name


def test_a_sentence_is_named_by_the_server_that_has_its_network(critic, inside, server, capsys):
    asked = ["A great film!", "the dull story", "zzz"]

    answers = as_json(capsys, "predict", *asked, "--server", server, "--model", "critic")["predictions"]

    assert [answer["text"] for answer in answers] == asked
    assert [answer["class"] for answer in answers[:2]] == ["pos", "neg"]
    for answer in answers:
        assert set(answer["probabilities"]) == {"neg", "pos"}
        assert sum(answer["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert [(answer["words"], answer["known_words"]) for answer in answers] == [(4, 3), (3, 3), (1, 0)]


def test_who_reads_it_is_told_of_words_that_are_not_known(critic, inside, server, capsys):
    assert call(["predict", "a great zzz", "the film", "qqq", "--server", server, "--model", "critic"]) == 0

    shown = capsys.readouterr()
    assert "text" in shown.out
    assert "the film" in shown.out
    assert shown.err.splitlines() == [
        "'a great zzz': 2 of its 3 words are known to critic",
        "'qqq': no word of it is known to critic",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "'': a text has no words"),
        (" \t", "' \\t': a text has no words"),
        ("gr\udcfcn", r"'gr\udcfcn': the text is not UTF-8"),
    ],
)
def test_what_is_no_text_is_named_among_others_with_exit_code_3(critic, inside, server, capsys, text, message):
    code, line = refusal(capsys, "predict", "a good film", text, "--server", server, "--model", "critic")

    assert code == 3
    assert message in line


def test_more_texts_than_one_request_holds_are_answered_in_order(critic, inside, server, capsys):
    asked = [f"{word} film {number}" for number in range(35) for word in ("great", "dull")]

    answers = as_json(capsys, "predict", *asked, "--server", server, "--model", "critic")["predictions"]

    assert [answer["text"] for answer in answers] == asked
    assert [answer["class"] for answer in answers] == ["pos", "neg"] * 35


def test_a_network_of_texts_makes_no_images(critic, inside, server, capsys):
    code, line = refusal(capsys, "predict", "--class", "pos", "--server", server, "--model", "critic")

    assert (code, line) == (2, "kcnn: critic makes nothing of classes: it knows texts")


def test_the_answers_about_texts_are_no_files(critic, inside, server, capsys):
    code, line = refusal(capsys, "predict", "a film", "-o", "new", "--server", server, "--model", "critic")

    assert (code, Path("new").exists()) == (2, False)
    assert line == "kcnn: -o is for answers that are files, and critic answers with names or numbers: leave it out"


def test_the_words_of_a_text_are_explained(critic, inside, capsys, tmp_path):
    picture = tmp_path / "words.png"

    told = as_json(capsys, "explain", critic, "a great zzz", "-o", str(picture))

    assert (told["prediction"], told["label"], told["unknown"]) == ("pos", "pos", ["zzz"])
    assert [word for word, _ in told["evidence"]] == ["a", "great", "zzz"]
    with Image.open(picture) as image:
        assert image.width > 1000
    assert call(["explain", "critic", "a great zzz", "--class", "neg"]) == 0
    shown = capsys.readouterr()
    assert "for neg" in shown.out
    assert f"{-told['evidence'][1][1]:+.3f}" in shown.out
    assert "neg is explained" in shown.err
    assert "Unknown to the model: zzz" in shown.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("",), 3, "the text is empty"),
        (("good", "--class", "posh"), 2, "did you mean 'pos'?"),
        (("good", "--tap", "stem"), 2, "--tap is for images and clips: a text is explained by its words"),
        (("good", "-o", "words.jpg"), 2, "a figure is a file ending in .png, got 'words.jpg'"),
    ],
)
def test_what_cannot_be_explained_is_one_line(critic, inside, capsys, arguments, code, message):
    found, line = refusal(capsys, "explain", critic, *arguments)

    assert found == code
    assert message in line


# Series


STEPS = {"classification": 7, "regression": 12, "labelling": 24, "prediction": 9}
COLUMNS = {"classification": 2, "regression": 2, "labelling": 1, "prediction": 5}


@pytest.fixture
def asked(tmp_path):
    """The file of a series to ask each network about, by the question."""
    random = np.random.default_rng(0)
    return {
        question: table(
            tmp_path / f"{question}.csv",
            ",".join("xyzuv"[: COLUMNS[question]]),
            *random.integers(0, 2, (STEPS[question], COLUMNS[question])),
        )
        for question in STEPS
    }


def predict(question, *files):
    return ["predict", *files, "--model", question]


def test_each_question_has_its_own_answer(series, asked, inside, server, capsys):
    answers = {
        question: as_json(capsys, *predict(question, file), "--server", server)["predictions"][0]
        for question, file in asked.items()
    }

    assert {question: answer["series"] for question, answer in answers.items()} == asked
    assert {answer["written"] for answer in answers.values()} == {None}
    assert answers["classification"]["class"] in ("down", "up")
    assert sum(answers["classification"]["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert list(answers["regression"]["values"]) == ["sum"]
    assert len(answers["labelling"]["labels"]) == len(answers["labelling"]["probability"]) == 24
    assert set(answers["labelling"]["labels"]) <= {"blank", *map(str, range(1, 9)), "now"}
    assert {name: len(shares) for name, shares in answers["prediction"]["probabilities"].items()} == dict.fromkeys(
        "12345", 9
    )


def test_answers_are_tables_for_people(series, asked, inside, server, capsys):
    shown = {}
    for question, file in asked.items():
        assert call([*predict(question, file, file), "--server", server]) == 0
        shown[question] = capsys.readouterr()

    headings = {question: printed.out.split("\n")[1].split() for question, printed in shown.items()}
    assert headings["classification"] == ["series", "class", "probability", "then"]
    assert headings["regression"] == ["series", "sum"]
    assert headings["labelling"] == ["series", "steps", "at", "the", "last", "step", "written"]
    assert headings["prediction"] == headings["labelling"]
    assert "-o FOLDER writes the answers for every step" in shown["labelling"].err
    assert shown["prediction"].out.count("next: ") == 2
    assert shown["classification"].err == shown["regression"].err == ""


@pytest.mark.parametrize(("question", "header"), [("labelling", ["label", "probability"]), ("prediction", [*"12345"])])
def test_answers_for_every_step_are_written_as_tables(series, asked, inside, server, capsys, question, header):
    new = Path(asked[question]).with_name("new")
    command = [*predict(question, asked[question]), "--server", server, "-o", str(new)]

    (answer,) = as_json(capsys, *command)["predictions"]

    assert answer["written"] == str(new / f"{question}_answer.csv")
    with Path(answer["written"]).open(newline="") as stream:
        first, *rows = csv.reader(stream)
    assert first == header
    values = answer["probabilities"].values() if question == "prediction" else [answer["labels"], answer["probability"]]
    assert rows == [list(map(str, row)) for row in zip(*values, strict=True)]
    code, line = refusal(capsys, *command)
    assert code == 2
    assert f"{answer['written']} is there already: --overwrite replaces it" in line
    assert as_json(capsys, *command, "--overwrite")["predictions"] == [answer]


@pytest.mark.parametrize("question", ["classification", "regression"])
def test_where_no_answer_is_a_file_none_is_promised(series, asked, inside, server, capsys, question):
    folder = Path(asked[question]).with_name("nothing")

    code, line = refusal(capsys, *predict(question, asked[question]), "--server", server, "-o", str(folder))

    assert (code, folder.exists()) == (2, False)
    assert line == (
        f"kcnn: -o is for answers that are files, and {question} answers with names or numbers: leave it out"
    )


def test_two_series_of_one_name_are_not_written_over_one_another(series, asked, inside, server, capsys, tmp_path):
    (tmp_path / "other").mkdir()
    twin = table(tmp_path / "other" / "labelling.csv", "x", [1], [2])
    command = [*predict("labelling", asked["labelling"], twin), "--server", server, "-o", str(tmp_path / "new")]

    code, line = refusal(capsys, *command)

    assert code == 2
    assert "labelling_answer.csv would be written twice: ask for files of the same name apart" in line
    assert not (tmp_path / "new").exists()


def test_a_series_that_is_asked_about_is_not_overwritten(series, inside, server, capsys, tmp_path):
    files = [table(tmp_path / name, "x", [1], [2]) for name in ("x.csv", "x_answer.csv")]

    code, line = refusal(capsys, *predict("labelling", *files), "--server", server, "-o", str(tmp_path), "--overwrite")

    assert code == 2
    assert "x_answer.csv is what is asked about: write to another folder" in line


FAULTY = {
    "not there": (None, "no.csv: No such file or directory"),
    "a header alone": (["x,y"], "no.csv has no rows below its header"),
    "a word": (["x,y", "1,two"], "no.csv: 'two' in y at step 1 is no number"),
    "a gap": (["x,y", "1,2", "1,"], "no.csv: nothing is in y at step 2"),
    "a short row": (["x,y", "1,2", "1"], "no.csv, line 3: 1 value, the header has 2"),
    "another encoding": ("x,größe\n1,2\n".encode("latin-1"), "no.csv is no CSV file in UTF-8"),
    "channels": (["x,y,z", "1,2,3"], "no.csv: series must have the shape (any, any, 2), got (1, 1, 3)"),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_faulty_series_is_one_line_and_exit_code_3(series, asked, inside, server, capsys, tmp_path, fault):
    content, message = FAULTY[fault]
    if content is not None:
        lines = content if isinstance(content, bytes) else "\n".join(content).encode()
        (tmp_path / "no.csv").write_bytes(lines)

    files = [asked["regression"], str(tmp_path / "no.csv")]
    code, line = refusal(capsys, *predict("regression", *files), "--server", server)

    assert code == 3
    assert message in line


def test_a_gap_in_a_single_channel_is_not_passed_over(series, inside, server, capsys, tmp_path):
    (tmp_path / "gap.csv").write_text("x\n1\n\n3\n")

    code, line = refusal(capsys, *predict("labelling", str(tmp_path / "gap.csv")), "--server", server)

    assert code == 3
    assert "x at step 2" in line


# Trained several times


def test_recipes_are_repeated_from_several_seeds(inside, capsys):
    short = ["epochs=1", "steps=2", "data.length=6", "data.examples=30", 'model.options={"units":2}']

    made = as_json(capsys, "repeat", "lstm_adding", *short, "--seeds", "2")

    (row,) = made["rows"]
    losses = [trial["metrics"]["test_loss"] for trial in made["trials"]["lstm_adding"]]
    assert (row["recipe"], row["trials"], len(losses), made["failed"]) == ("lstm_adding", 2, 2, {})
    assert row["loss"] == pytest.approx(np.mean(losses))
    code, line = refusal(capsys, "repeat", "--resume", made["repeat"])
    assert (code, line) == (2, f"kcnn: {made['repeat']} is finished: there is nothing to resume")


@pytest.mark.slow
def test_texts_are_crossvalidated_from_several_seeds(home, inside, capsys):
    corpus = home / "folds"
    reviews(corpus, 20)
    short = ["epochs=1", "steps=1", "data.folds=2", f"model.options={OPTIONS}"]

    code = call(["crossvalidate", "text_cnn_polarity", *short, "--data", str(corpus), "--seeds", "2"])

    shown = capsys.readouterr()
    assert code == 0, shown.err
    (row,) = [line.split() for line in shown.out.splitlines() if "text_cnn_polarity" in line]
    assert row[1] == "4"
    assert "each measured by a network that has not seen the fold" in shown.err
