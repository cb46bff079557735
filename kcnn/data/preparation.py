"""How examples were made ready, by what was written down of it."""

from collections.abc import Mapping
from typing import Any

from kcnn.data.forecasts import ForecastPreparation
from kcnn.data.preprocessing import Preprocessing
from kcnn.data.series import SeriesPreparation
from kcnn.data.sounds import AudioPreparation
from kcnn.data.source import Preparation
from kcnn.data.stretches import VideoPreparation
from kcnn.data.words import TextPreparation


def preparation(values: Mapping[str, Any]) -> Preparation:
    """Of images, series, texts, forecasts, recordings or clips; what says no kind is of images."""
    kinds: dict[str, Any] = {
        "series": SeriesPreparation,
        "text": TextPreparation,
        "forecast": ForecastPreparation,
        "audio": AudioPreparation,
        "video": VideoPreparation,
    }
    return kinds.get(values.get("kind", ""), Preprocessing).from_json(values)
