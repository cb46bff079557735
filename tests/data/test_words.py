"""The tokenisation in TensorFlow against one in plain Python, and against Kim's."""

# ruff: noqa: RUF001 (what is read as another letter is what is tested)

import os
import re
import subprocess
import sys
import unicodedata

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import example, given
from hypothesis import strategies as st

from kcnn.data.words import FIRST, PADDING, UNKNOWN, TextPreparation, split, vocabulary

SENTENCES = [
    "",
    " \t\n\r\v\f  \u2003\u3000\x85\x1c",
    "It's a FILM that we've seen; they're glad, she'd say you'll don't.",
    "'s 've n't 're 'd 'll",
    "the '90s, o'sullivan's, rock 'n' roll, d'artagnan couldn't've",
    "Don’t say ‘never’ — it’s “fun”…",
    "IT'S DON'T WE'VE",
    "one--two -- three-four/five_six\\seven",
    "a.b.c. 3.14 $1,000 50% #tag @name user@example.org",
    "Äpfel, Größe, STRASSE, ẞ, Œuvre, Ñandú, Ðe",
    "ΟΔΥΣΣΕΥΣ ἐν Ἰθάκῃ Σ ΑΣ'Α",
    "İstanbul IĞDIR ı Ì Í Ĩ Į J̌",
    "Привет, МИР! Ёлка",
    "e\u0301 E\u0301 é É \u0301x a\u0323\u0302",
    "👍🏽 ❤️ 👩‍👩‍👧 🇩🇪 1️⃣ ok🙂ok",
    "我喜欢这部电影。日本語、テスト！한국어 문장",
    "नमस्ते दुनिया สวัสดี שָׁלוֹם مَرْحَبًا",
    "½ ² Ⅳ ٣ 五",
    "\x00 a\x00b \x00\x00 A\x00B'S",
    "\x01\x1b[0m\x7f \u200b\ufeff\u00ad",
    "`quoted' ''twice'' \"thrice\"",
    "tab\tnew\nline\rreturn\x1funit\u2028separator\xa0hard",
    "\ud7ff\ue000\ufffd\U0001f3fd\U0010ffff",
]


def plain(text):
    """The words of a text, by the definition and without a pattern of Unicode's classes."""
    text = text.replace("\0", "\ufffd").lower().replace("’", "'")
    spread = ""
    alone = False
    for symbol in text:
        kind = unicodedata.category(symbol)[0]
        if kind == "M":
            spread += symbol
            continue
        if alone:
            spread += " "
        alone = not (kind in "LN" or symbol == "'" or symbol.isspace())
        spread += f" {symbol}" if alone else symbol
    return re.sub("n't|'(?:s|ve|re|d|ll)", r" \g<0>", spread).split()


def in_tensorflow(texts):
    return [[word.decode() for word in words] for words in split(tf.constant(texts, tf.string)).to_list()]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_words_are_those_of_plain_python(sentence):
    assert in_tensorflow([sentence]) == [plain(sentence)]


# Unicode 14 of Python 3.11 has upper-case letters that TensorFlow's ICU does not know yet.
RECENT = {0x2C2F, 0xA7C0, 0xA7D0, 0xA7D6, 0xA7D8, *range(0x10570, 0x10596)}
CHARACTERS = st.one_of(
    st.sampled_from("'’stndlrevSTNDLREV .,\0\t\u0301\ufe0f\u200d"),
    st.characters(exclude_categories=["Cs", "Cn"]).filter(lambda symbol: ord(symbol) not in RECENT),
)


@given(st.text(CHARACTERS, max_size=30))
@example("N'T'S'VE")
@example("n’t")
def test_any_text_has_the_words_of_plain_python(text):
    assert in_tensorflow([text]) == [plain(text)]


def test_contractions_are_words_of_their_own():
    assert in_tensorflow(["It's", "don't", "we've", "they're", "she'd", "you'll", "CAN'T"]) == [
        ["it", "'s"],
        ["do", "n't"],
        ["we", "'ve"],
        ["they", "'re"],
        ["she", "'d"],
        ["you", "'ll"],
        ["ca", "n't"],
    ]


def test_a_typographic_apostrophe_is_one():
    assert in_tensorflow(["It’s what I don’t"]) == in_tensorflow(["It's what I don't"])


def test_a_mark_stays_with_what_it_is_on():
    assert in_tensorflow(["e\u0301!", "❤\ufe0f!", "1\ufe0f\u20e3"]) == [
        ["e\u0301", "!"],
        ["❤\ufe0f", "!"],
        ["1\ufe0f\u20e3"],
    ]


def test_chinese_between_marks_is_one_word():
    assert in_tensorflow(["我喜欢，电影。"]) == [["我喜欢", "，", "电影", "。"]]


def test_a_text_goes_on_behind_a_nul():
    assert in_tensorflow(["A\0B c"]) == [["a", "\ufffd", "b", "c"]]


def test_texts_of_white_space_alone_have_no_words():
    spaces = [chr(code) for code in range(0x110000) if chr(code).isspace()]

    assert in_tensorflow(["", "".join(spaces)]) == [[], []]
    assert in_tensorflow(["x".join(spaces)]) == [["x"] * (len(spaces) - 1)]


@pytest.mark.slow
@pytest.mark.parametrize("language", ["tr_TR.UTF-8", "az_AZ.UTF-8", "lt_LT.UTF-8"])
def test_the_words_do_not_depend_on_the_language_of_the_machine(language):
    text = "I İ IĞDIR J́ Ì Í Ĩ Į I\u0307"
    code = (
        f"import tensorflow as tf; from kcnn.data.words import split; print(split(tf.constant([{text!r}])).to_list())"
    )
    environment = os.environ | {"LC_ALL": language, "LANG": language, "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)

    assert done.stdout.strip() == str([[word.encode() for word in plain(text)]])


def test_the_vocabulary_is_ordered_by_frequency_and_then_by_the_alphabet():
    words = split(tf.constant(["b a c", "c ü b", "c z b", ""]))

    assert vocabulary(words) == ("b", "c", "a", "z", "ü")
    assert vocabulary(words, min_count=2) == ("b", "c")
    assert vocabulary(words, min_count=4) == ()


@pytest.fixture
def preparation():
    return TextPreparation(("the", "film", "'s", "ü"))


def numbers(preparation, texts):
    return preparation.numbers(tf.constant(texts, tf.string)).numpy()


def test_words_have_the_numbers_from_2_on_and_unknown_ones_1(preparation):
    found = numbers(preparation, ["The FILM's Ü", "what film"])

    assert (PADDING, UNKNOWN, FIRST) == (0, 1, 2)
    assert found.dtype == np.int32
    assert found.tolist() == [[2, 3, 4, 5], [1, 3, 0, 0]]


def test_texts_are_padded_to_the_longest(preparation):
    assert numbers(preparation, ["the"]).shape == (1, 1)
    assert numbers(preparation, ["the " * 9, "the"]).shape == (2, 9)
    assert numbers(preparation, ["", " "]).shape == (2, 0)
    assert numbers(preparation, []).shape == (0, 0)


def test_numbers_go_to_the_network_as_they_are(preparation):
    batch = preparation.numbers(tf.constant(["the film"]))

    assert preparation.standardize(batch) is batch
    assert preparation.shape == (None,)


def test_the_typical_shape_is_that_of_the_longest_text():
    assert TextPreparation(("the",), longest=62).typical_shape == (62,)
    assert TextPreparation(("the",), longest=3).typical_shape == (3,)


def test_it_survives_json(preparation):
    values = TextPreparation(("the", "ü"), longest=40).to_json()

    assert values == {"kind": "text", "words": ["the", "ü"], "longest": 40}
    again = TextPreparation.from_json(values)
    assert again.to_json() == values
    assert again == TextPreparation(("the", "ü"), 40)
    assert numbers(again, ["ü x"]).tolist() == [[3, 1]]


BROKEN = [b"caf\xe9", b"ok \xff", b"\xed\xa0\x80", b"\xc0\x80", b"\xe2\x82", b"\xf4\x90\x80\x80", b"a\0\x80"]


@pytest.mark.parametrize("text", BROKEN)
@pytest.mark.parametrize("traced", [False, True])
def test_bytes_that_are_not_utf_8_are_refused(preparation, text, traced):
    ask = tf.function(preparation.numbers) if traced else preparation.numbers

    with pytest.raises(tf.errors.InvalidArgumentError, match="the text is not UTF-8"):
        ask(tf.constant([b"the film", text]))


class Exported(tf.Module):
    def __init__(self, preparation):
        super().__init__()
        self.table = preparation.table
        text = tf.TensorSpec([None], tf.string, "text")
        self.numbers = tf.function(preparation.numbers, input_signature=[text])


def test_it_goes_into_a_saved_model(tmp_path):
    words = split(tf.constant(SENTENCES))
    preparation = TextPreparation(vocabulary(words)[::2])
    again = TextPreparation.from_json(preparation.to_json())
    tf.saved_model.save(Exported(again), str(tmp_path / "saved"))
    saved = tf.saved_model.load(str(tmp_path / "saved"))

    np.testing.assert_array_equal(saved.numbers(tf.constant(SENTENCES)), numbers(preparation, SENTENCES))
    with pytest.raises(tf.errors.InvalidArgumentError, match="the text is not UTF-8"):
        saved.numbers(tf.constant([b"\xff"]))


def test_it_can_be_made_while_a_graph_is_traced():
    made = []

    @tf.function
    def traced(texts):
        made.append(TextPreparation(("the",)))
        return made[0].numbers(texts)

    np.testing.assert_array_equal(traced(tf.constant(["the"])), [[2]])
    np.testing.assert_array_equal(made[0].numbers(tf.constant(["the"])), [[2]])


def kim(text):
    """Kim's tokenisation, https://github.com/yoonkim/CNN_sentence: what it deletes and what it parts."""
    text = re.sub(r"[^A-Za-z0-9(),!?'`]", " ", text)
    text = re.sub("n't|'(?:s|ve|re|d|ll)", r" \g<0>", text)
    return re.sub("([,!()?])", r" \1 ", text).lower().split()


@pytest.mark.data
def test_without_what_kim_deletes_the_words_of_his_data_are_his(data):
    files = sorted((data / "rotten_tomatoes").glob("rt-polarity.*"))
    sentences = [line for file in files for line in file.read_text("utf-8").split("\n") if line.isascii()]
    sentences = [line for line in sentences if "`" not in line]

    kept = [[word for word in words if re.fullmatch(r"[a-z0-9(),!?']+", word)] for words in in_tensorflow(sentences)]
    assert len(sentences) > 10_000
    assert kept == [kim(line) for line in sentences]
