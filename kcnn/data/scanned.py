"""Images as series: their pixels row by row, a pixel a step (Le et al. 2015)."""

import numpy as np

from kcnn.data.images import Examples
from kcnn.data.series import SeriesExamples, SeriesPreparation, options
from kcnn.data.source import Source
from kcnn.errors import DataError
from kcnn.recipes.series import Series
from kcnn.seeds import generator

_ORDER = 2


def scanned(series: Series, images: Source[Examples]) -> Source[SeriesExamples, SeriesPreparation]:
    """The same images with the same splits, as series (height * width, channels).

    Raises `DataError` for images that do not fit into memory.
    """
    height, width, channels = images.preprocessing.shape
    steps = height * width
    order = generator(series.split_seed, _ORDER).permutation(steps).tolist() if series.permuted else None
    preparation = SeriesPreparation(
        length=series.length or steps,
        longest=steps,
        channels=channels,
        mean=tuple(255 * mean for mean in images.preprocessing.mean),
        std=tuple(255 * std for std in images.preprocessing.std),
        order=order and tuple(order),
    )
    splits = {}
    for name, examples in images.splits.items():
        if examples.pixels is None:
            raise DataError(f"{series.source}: {name} does not fit into memory, as series must")
        splits[name] = SeriesExamples(
            np.reshape(examples.pixels, (len(examples), steps, channels)), examples.labels, preparation
        )
    return Source(
        address=images.address,
        classes=images.classes,
        splits=splits,
        choosing=images.choosing,
        preprocessing=preparation,
        digests=images.digests,
        fingerprint=images.fingerprint,
        notes=images.notes,
        options=options(series),
    )
