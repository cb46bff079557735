"""What models answer, by what they are for."""

import base64
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Prediction:
    """The best class of what was asked about, with its probability, and those of all classes by name, in 0..1.

    Of a text it is told how many `words` it has, and how many of them the network knows.
    """

    class_name: str
    probability: float
    probabilities: dict[str, float]
    words: int | None = None
    known_words: int | None = None


@dataclass(frozen=True)
class Mask:
    """The mask of an image as a grey PNG, and the share of its pixels by class, in 0..1."""

    png: bytes
    shares: dict[str, float]


@dataclass(frozen=True)
class Picture:
    """An image as a PNG: the reconstruction of one, or a new one."""

    png: bytes


@dataclass(frozen=True)
class Numbers:
    """What a regression says about a series, by name."""

    values: dict[str, float]


@dataclass(frozen=True)
class Labels:
    """A label for each step of a series, and its probability."""

    labels: list[str]
    probability: list[float]


@dataclass(frozen=True)
class Next:
    """For each step of a series, and each channel by name, the probability that it is 1 at the step after it."""

    probabilities: dict[str, list[float]]


@dataclass(frozen=True)
class Ahead:
    """How series go on: a level for each of the next steps by name, and the ends of intervals by their coverage."""

    forecast: dict[str, list[float]]
    lower: dict[str, dict[str, list[float]]]
    upper: dict[str, dict[str, list[float]]]


@dataclass(frozen=True)
class Sound:
    """A new sound as a WAV file."""

    wav: bytes


@dataclass(frozen=True)
class Viewing:
    """What of a clip a network sees: `frames` frames of that size, `rate` of them a second (None: every frame)."""

    frames: int
    height: int
    width: int
    channels: int
    rate: float | None


@dataclass(frozen=True)
class Reading:
    """How a file is read for who forecasts: the names of its `series`, the column of dates, what becomes of gaps."""

    series: tuple[str, ...]
    date: str | None
    gaps: str


Answer = Prediction | Mask | Picture | Numbers | Labels | Next | Ahead | Sound | Viewing | Reading


def answered(row: Any) -> Answer:
    """One example's answer. Raises `KeyError`, `TypeError` or `ValueError` where it is none of kcnn's."""
    if isinstance(row, dict) and set(row) == {"b64"}:  # a model's only output goes unnamed
        return Picture(_decoded(row))
    if "mask_bytes" in row:
        return Mask(_decoded(row["mask_bytes"]), dict(zip(row["class_names"], row["shares"], strict=True)))
    if "image_bytes" in row:
        return Picture(_decoded(row["image_bytes"]))
    if "wav_bytes" in row:
        return Sound(_decoded(row["wav_bytes"]))
    if "labels" in row:
        return Labels(row["labels"], row["probability"])
    if "values" in row:
        return Numbers(dict(zip(row["names"], row["values"], strict=True)))
    if "next" in row:
        return Next(dict(zip(row["names"], map(list, zip(*row["next"], strict=True)), strict=True)))
    if "forecast" in row:
        return _ahead(row)
    if "rate" in row:
        return Viewing(row["frames"], row["height"], row["width"], row["channels"], row["rate"] or None)
    if "gaps" in row:
        return Reading(tuple(row["series"]), row["date"] or None, row["gaps"])
    probabilities = dict(zip(row["class_names"], row["probabilities"], strict=True))
    return Prediction(row["class_name"], row["probability"], probabilities, row.get("words"), row.get("known_words"))


def _ahead(row: Any) -> Ahead:
    """Levels by step and series as levels by series."""

    def by_name(key: str) -> dict[str, list[float]]:
        return dict(zip(row["names"], map(list, zip(*row[key], strict=True)), strict=True))

    ends = {side: [key for key in row if key.startswith(f"{side}_")] for side in ("lower", "upper")}
    lower, upper = ({key.partition("_")[2]: by_name(key) for key in ends[side]} for side in ("lower", "upper"))
    return Ahead(by_name("forecast"), lower, upper)


def _decoded(value: dict[str, str]) -> bytes:
    return base64.b64decode(value["b64"], validate=True)
