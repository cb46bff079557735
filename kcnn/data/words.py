"""From a text to the numbers of its words: one definition for training, evaluation and the exported graph."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import tensorflow as tf

PADDING, UNKNOWN, FIRST = 0, 1, 2
"""What fills up a text, what stands for every unknown word, and the number of the most frequent one."""

_SPACE = r"\p{Z}\t-\r\x1c-\x1f\x{85}"
"""What Python's `str.isspace` calls so."""

_BY_LOCALE = (("İ", "i̇"), ("Ì", "ì"), ("Í", "í"), ("Ĩ", "ĩ"), ("Į", "į"))
"""What lower case is elsewhere in Turkish or Lithuanian: TensorFlow asks the locale of the machine."""

_WORDS = (
    ("\u2019", "'"),
    (rf"[{_SPACE}]", " "),
    (rf"[^\p{{L}}\p{{N}}\p{{M}}'{_SPACE}]\p{{M}}*", r" \0 "),
    (r"'s|'ve|n't|'re|'d|'ll", r" \0"),
)


def split(texts: tf.Tensor) -> tf.RaggedTensor:
    """The words (N, words), ragged, of texts (N,), strings of UTF-8.

    In lower case; a space before 's 've n't 're 'd 'll, wherever they stand; every character that is no letter, number,
    mark or apostrophe is a word of its own, with the marks on it. Python's white space parts words, U+2019 is an
    apostrophe, NUL is U+FFFD. What comes composed and decomposed (é) are two words: TensorFlow has no normalisation.
    Raises `tf.errors.InvalidArgumentError` for what is not UTF-8.
    Source: `clean_str` of https://github.com/yoonkim/CNN_sentence, which deletes the characters that are words of their
    own here, except , ! ? ( ) and letters outside of ASCII; it takes ` for a letter.
    """
    texts = _lower(_checked(texts))
    for pattern, replacement in _WORDS:
        texts = tf.strings.regex_replace(texts, pattern, replacement)
    return tf.strings.split(texts)


def _checked(texts: tf.Tensor) -> tf.Tensor:
    """The same, after a look that all are UTF-8."""
    replaced = tf.strings.unicode_transcode(texts, "UTF-8", "UTF-8", errors="replace")
    # The bytes themselves in its message would make another error of the error.
    wrong = tf.boolean_mask(replaced, replaced != texts)
    found = tf.debugging.Assert(tf.equal(tf.size(wrong), 0), ["the text is not UTF-8:", wrong], summarize=1)
    # Eagerly it has raised, and is None.
    with tf.control_dependencies([] if found is None else [found]):
        return tf.identity(texts)


def _lower(texts: tf.Tensor) -> tf.Tensor:
    """Lower case, which is the same on every machine."""
    # The conversion of Unicode ends at a NUL; that of ASCII, without an encoding, knows no locale.
    texts = tf.strings.lower(tf.strings.regex_replace(texts, r"\x00", "\ufffd"))
    for upper, lower in _BY_LOCALE:
        texts = tf.strings.regex_replace(texts, upper, lower)
    return tf.strings.lower(texts, encoding="utf-8")


def vocabulary(words: tf.RaggedTensor, min_count: int = 1) -> tuple[str, ...]:
    """The words that occur at least `min_count` times, by falling frequency, then alphabetically."""
    counts = Counter(words.flat_values.numpy().tolist())
    kept = [(-count, word.decode()) for word, count in counts.items() if count >= min_count]
    return tuple(word for _, word in sorted(kept))


@dataclass(frozen=True)
class TextPreparation:
    """Numbers the words of texts: 0 is padding, 1 every unknown word, `words` have the numbers from 2 on.

    `longest` are the words of the longest text in train. A
    `tf.Module` whose graph calls `numbers` must hold `table` as an attribute, so that it is saved with it.
    """

    words: tuple[str, ...]
    longest: int = 1
    table: tf.lookup.StaticHashTable = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Outside of whatever graph is being traced: a table that is made in one belongs to it.
        with tf.init_scope():
            numbers = tf.range(FIRST, FIRST + len(self.words), dtype=tf.int32)
            entries = tf.lookup.KeyValueTensorInitializer(tf.constant(self.words, tf.string), numbers)
            object.__setattr__(self, "table", tf.lookup.StaticHashTable(entries, UNKNOWN))

    @property
    def shape(self) -> tuple[None]:
        """Of one text: any number of words."""
        return (None,)

    @property
    def typical_shape(self) -> tuple[int]:
        """Of the longest text in train."""
        return (self.longest,)

    def standardize(self, inputs: tf.Tensor) -> tf.Tensor:
        """Numbers of words (N, words), int32, as they are."""
        return inputs

    def numbers(self, texts: tf.Tensor) -> tf.Tensor:
        """Texts (N,), strings of UTF-8, as numbers (N, words), int32, padded to the longest.

        Raises `tf.errors.InvalidArgumentError` for what is not UTF-8.
        """
        return tf.ensure_shape(self.numbered(split(texts)).to_tensor(PADDING), (None, None))

    def numbered(self, words: tf.RaggedTensor) -> tf.RaggedTensor:
        """The numbers (N, words), ragged int32, of words (N, words)."""
        return words.with_flat_values(self.table.lookup(words.flat_values))

    def to_json(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"kind": "text", "words": list(self.words), "longest": self.longest}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "TextPreparation":
        """The inverse of `to_json`."""
        return cls(tuple(values["words"]), values["longest"])
