"""Which sentences a run learns from, and what of them its vocabulary holds."""

from encodings.aliases import aliases
from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from kcnn.errors import nearest
from kcnn.recipes.spec import Count, Fold, Folds, Fraction, Positive, record

Column = Annotated[str, Field(min_length=1)]
"""The name of a column of a .csv."""


@record
class Text:
    """Labelled sentences. `source` is a folder with a file a class, one sentence a line; the same below `train/`,
    `val/` and `test/`; a .csv file; or a folder of `train.csv`, `val.csv` and `test.csv`.

    `encoding` is that of the files, by its name in Python. In a .csv the sentences are in the column `text_column`,
    their classes in `label_column`.

    The words are those of train, without what is held out; one that it has less than `min_count` times is as unknown as
    one that it lacks. `vectors` is a file of word vectors to start from: word2vec's, binary or text, or GloVe's. It is
    read for the words of train alone, so that no network is made with an eye on what it is tested on; all unknown words
    share one vector, which is drawn, and can be learned only where `min_count` is above 1. (Kim 2014 has the words of
    the whole corpus.)

    With `folds` the sentences are cut at random into so many parts, with equal shares of every class, of which number
    `fold` is `test` (Kim 2014 takes 10). `validation` and `split_seed` are as in
    `Images`; `bad_files` says what becomes of lines that cannot be used.
    """

    kind: Literal["text"] = "text"
    source: Annotated[str, Field(min_length=1)]
    encoding: str = "utf-8"
    text_column: Column = "text"
    label_column: Annotated[Column, Field(validate_default=True)] = "label"
    min_count: Positive = 1
    vectors: Annotated[str, Field(min_length=1)] | None = None
    folds: Folds | None = None
    fold: Fold = 0
    validation: Fraction = 0.1
    split_seed: Count = 0
    bad_files: Literal["refuse", "skip"] = "refuse"

    @field_validator("encoding")
    @classmethod
    def _known(cls, encoding: str) -> str:
        try:
            # Codecs between bytes and bytes (base64) are refused here, too.
            "".encode(encoding)
        except (LookupError, ValueError):
            match = nearest(encoding.replace("-", "_"), set(aliases.values()))
            hint = f" (did you mean {match.replace('_', '-')!r}?)" if match else ""
            raise ValueError(f"an encoding that Python knows, such as utf-8 or latin-1{hint}") from None
        return encoding

    @field_validator("label_column")
    @classmethod
    def _another_column(cls, column: str, info: ValidationInfo) -> str:
        if column == info.data.get("text_column"):
            raise ValueError("another column than data.text_column")
        return column
