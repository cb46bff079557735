"""Which recordings a run learns from, and how they are made ready."""

import re
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from kcnn.recipes.spec import Count, Fraction, Positive, PositiveFloat, record

LONGEST = 60.0
"""Seconds that a sound may have which a network makes."""


def hop(rate: int) -> int:
    """The samples of 10 ms."""
    return max(1, round(rate / 100))


@record
class Audio:
    """Labelled recordings. `source` is `tfds:NAME`, or a folder of `<class>/*.wav` or `{train,val[,test]}/<class>/*`.

    Every recording becomes one channel, the mean of its own, at `rate` samples a second; what at its beginning and end
    is more than `trim` dB below its loudest 25 ms is cut off (None: nothing is); its root mean square is brought to
    `loudness` dB of full scale, or to as much as leaves its peak at full scale (None: it stays as it is).

    `task` says what is asked. "classification": the class; the recording is brought to `seconds`, a shorter one with
    silence on both sides, of a longer one the middle. "autoregression": each sample from those before it, as one of 256
    codes of the mu-law; a recording longer than `seconds` is cut into pieces. Then, and only then, `conditions` are
    what is told about a recording beside it: its class, its speaker; with `local` a row of so many log-mel energies for
    every 10 ms.

    `test` says what is set aside as `test` where the recordings come in one piece: "drawn", a fifth of every class;
    "first", those whose number is below `first`; "speakers", those of `speakers`, who then cannot be told: what stands
    for them would never have been learned. Speaker and number are found in a
    file's name without its suffix by `pattern`, a regular expression with the groups `speaker` and `number`.
    `validation`, `split_seed` and `bad_files` are as in `Images`.
    """

    kind: Literal["audio"] = "audio"
    source: Annotated[str, Field(min_length=1)]
    task: Literal["classification", "autoregression"] = "classification"
    rate: Annotated[int, Field(ge=1000, le=192_000)] = 8000
    seconds: PositiveFloat = 1.0
    trim: PositiveFloat | None = 40.0
    loudness: Annotated[float, Field(le=0)] | None = -20.0
    conditions: tuple[Literal["class", "speaker"], ...] = ()
    local: Count = 0
    test: Literal["drawn", "first", "speakers"] = "drawn"
    first: Positive = 5
    speakers: Annotated[tuple[str, ...], Field(validate_default=True)] = ()
    pattern: str = r"(?:[^_]+_)?(?P<speaker>[^_]+)_(?P<number>\d+)"
    validation: Fraction = 0.1
    split_seed: Count = 0
    bad_files: Literal["refuse", "skip"] = "refuse"

    @field_validator("conditions", "local")
    @classmethod
    def _told_who_continues(cls, told: Any, info: ValidationInfo) -> Any:
        if told and info.data.get("task") == "classification":
            raise ValueError("left out where data.task is classification")
        return told

    @field_validator("test")
    @classmethod
    def _of_known_speakers(cls, test: str, info: ValidationInfo) -> str:
        if test == "speakers" and "speaker" in info.data.get("conditions", ()):
            raise ValueError("drawn or first where data.conditions has the speaker, who has to be heard in train")
        return test

    @field_validator("pattern")
    @classmethod
    def _with_groups(cls, pattern: str) -> str:
        try:
            groups = re.compile(pattern).groupindex
        except re.error as error:
            raise ValueError(f"a regular expression ({error})") from None
        if missing := [name for name in ("speaker", "number") if name not in groups]:
            raise ValueError(f"a regular expression with the group (?P<{missing[0]}>...)")
        return pattern

    @field_validator("speakers")
    @classmethod
    def _with_their_split(cls, speakers: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if bool(speakers) != (info.data.get("test") == "speakers"):
            raise ValueError("the speakers of test, with data.test=speakers and only then")
        return speakers

    @property
    def samples(self) -> int:
        """The samples of `seconds`."""
        return max(1, round(self.seconds * self.rate))

    @property
    def hop(self) -> int:
        """The samples of 10 ms."""
        return hop(self.rate)
