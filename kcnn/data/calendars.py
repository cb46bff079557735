"""At what distances dates follow one another, and which come next. No TensorFlow."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal

HOLIDAYS = 0.1
"""Up to this share of the steps between business days may be longer than from one to the next."""

_DAY = timedelta(days=1)
_FRIDAY = 4
_EVERY_MONTH_HAS = 28


@dataclass(frozen=True)
class Calendar:
    """How dates go on: by one `step`, by so many `months`, by business days, or unevenly, where none can be told.

    `longer` of the `steps` between dates are longer than the usual one, the `longest` among them.
    """

    kind: Literal["regular", "months", "business", "uneven"]
    step: timedelta
    steps: int
    months: int = 0
    longer: int = 0
    longest: timedelta = _DAY

    @property
    def note(self) -> str | None:
        """What should be known of dates that are not even; None where they are."""
        if not self.longer:
            return None if self.kind != "uneven" else f"some of {self.steps} steps are shorter than the usual one"
        usual = "business day" if self.kind == "business" else _spoken(self.step)
        return (
            f"{self.longer} of {self.steps} steps are longer than the usual one ({usual}), up to "
            f"{_spoken(self.longest)}: each counts as one step"
        )

    def after(self, last: datetime, count: int) -> list[datetime] | None:
        """The next dates; None where they cannot be told."""
        if self.kind == "uneven":
            return None
        found = [last]
        for _ in range(count):
            found.append(self._next(found[-1]))
        return found[1:]

    def _next(self, date: datetime) -> datetime:
        if self.kind == "months":
            years, month = divmod(date.month - 1 + self.months, 12)
            return date.replace(year=date.year + years, month=month + 1)
        return _business_day_after(date) if self.kind == "business" else date + self.step


def calendar(dates: Sequence[datetime]) -> Calendar:
    """That of two dates or more, which ascend."""
    steps = [after - before for before, after in pairwise(dates)]
    usual, count = Counter(steps).most_common(1)[0]
    if count == len(steps):
        return Calendar("regular", usual, len(steps))
    if months := _months(dates):
        return Calendar("months", usual, len(steps), months)
    of_day = {date.timetz() for date in dates}
    if usual == _DAY and len(of_day) == 1 and all(date.weekday() <= _FRIDAY for date in dates):
        beyond = [step for step, date in zip(steps, dates, strict=False) if step > _business_day_after(date) - date]
        if len(beyond) <= HOLIDAYS * len(steps):
            return Calendar("business", usual, len(steps), longer=len(beyond), longest=max(beyond, default=_DAY))
    beyond = [step for step in steps if step > usual]
    return Calendar("uneven", usual, len(steps), longer=len(beyond), longest=max(beyond, default=usual))


def _months(dates: Sequence[datetime]) -> int:
    """How many months lie between dates that are on the same day of theirs; 0 where that is not so."""
    if dates[0].day > _EVERY_MONTH_HAS or any(
        (date.day, date.timetz()) != (dates[0].day, dates[0].timetz()) for date in dates
    ):
        return 0
    numbers = [12 * date.year + date.month for date in dates]
    between = {after - before for before, after in pairwise(numbers)}
    return between.pop() if len(between) == 1 else 0


def _business_day_after(date: datetime) -> datetime:
    return date + _DAY * (3 if date.weekday() == _FRIDAY else 1)


def _spoken(step: timedelta) -> str:
    days, rest = divmod(step, _DAY)
    return str(step) if rest else f"{days} day{'s' * (days > 1)}"
