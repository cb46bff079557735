"""Which dated series a run forecasts, and how they are cut in time."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from kcnn.recipes.spec import Fraction, Positive, record

Name = Annotated[str, Field(min_length=1)]

Changes = Literal["difference", "log", "none"]
"""What of levels is seen and answered: their differences, those of their logarithms, or the levels themselves."""


@record
class Forecast:
    """Series that go on. `source` is a text file with a row a step and a column a series: a `.csv` whose first line
    names the columns, or a matrix of numbers, `.csv`, `.txt` or `.txt.gz`, separated by commas or blanks, whose columns
    are called 1, 2, ...

    `date` is the column of dates (ISO 8601), None that which is called so, if there is one. Dates ascend. Steps count
    as they come, however long: markets close on holidays. `targets` are forecast (None: all series); the others are
    conditions, known up to the step before.

    The network sees `changes`, standardised by train, in windows of `length` steps, and answers the next one. Where a
    value is missing, `gaps` refuses it, or holds the one before.

    In time the series are cut into train, then the shares `validation`, by which choices are made, and `test`. What
    comes before a split is known when it is forecast. Up to `horizon` steps ahead are measured, and get intervals.
    """

    kind: Literal["forecast"] = "forecast"
    source: Name
    date: Name | None = None
    targets: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    changes: Changes = "difference"
    gaps: Literal["refuse", "hold"] = "refuse"
    length: Positive = 128
    horizon: Positive = 10
    validation: Fraction = 0.1
    test: Fraction = 0.2

    @field_validator("targets")
    @classmethod
    def _different(cls, targets: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if targets and len(set(targets)) < len(targets):
            raise ValueError("all different")
        return targets

    @field_validator("test")
    @classmethod
    def _leaves_train(cls, test: float, info: ValidationInfo) -> float:
        validation = info.data.get("validation", 0.0)
        if test + validation >= 1:
            raise ValueError(f"less than 1 together with data.validation, which is {validation:g}")
        return test
