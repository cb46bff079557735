"""Recipes that differ in nothing but the model, for data of one's own."""

from collections.abc import Sequence
from typing import Any

from kcnn.data import address, sequences
from kcnn.errors import InputError
from kcnn.experiment.compare import check_alike
from kcnn.models import smallest
from kcnn.models.catalog import Variant, variant
from kcnn.recipes import Recipe, load
from kcnn.recipes.audio import Audio
from kcnn.recipes.augment import Affine, Dihedral, Elastic
from kcnn.recipes.data import Images, Masks
from kcnn.recipes.forecast import Forecast
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Adam, AdamW, Cosine
from kcnn.recipes.series import Series
from kcnn.recipes.text import Text
from kcnn.recipes.train import Train
from kcnn.recipes.video import FILMED, FRAMES, GENERATED, SIDE, Video

PHOTOGRAPHS = 64
"""Pixels a side for folders of images, unless the user says otherwise."""

TILE = 256
"""Pixels a side of what segmentations see at a time, unless the user says otherwise."""

LIGHT = {"unet": "unet_membranes", "fcn": "fcn8s_membranes", "dilated": "dilated_frontend_membranes"}
"""By family, the recipe whose form of a segmentation a few cores can train."""

SMALL = 64
"""Below so many pixels a side, networks for large photographs leave out their first two halvings, where they can."""


def for_data(source: str, names: Sequence[str], size: int | None = None) -> list[Recipe]:
    """One recipe for every model, the same but for the model, on the user's data.

    Series are asked what their source can be asked, those of a table for their class: `data.task` says else.
    Images and clips are brought to one size for all: `size`, else what the largest minimum among the models needs, and
    at least 64 pixels for folders of photographs, 32 for datasets. Where that is small, so are the stems.
    """
    rows = [variant(name) for name in names]
    check_alike({row.name: row.task for row in rows})
    if rows[0].data != "images":
        if size and rows[0].data not in ("masks", "video"):
            raise InputError(f"--size is for images and clips, {rows[0].name} reads {rows[0].data}")
        if rows[0].data == "video":
            return _clips(source, rows, size)
        made = {
            "masks": _masked,
            "series": _series,
            "text": _texts,
            "forecast": _forecasts,
            "audio": _audio,
        }[rows[0].data]
        return [made(source, row, size) for row in rows]
    usual = 32 if source == "digits" or source.startswith("tfds:") else PHOTOGRAPHS
    stems = {row.name: {"small_stem": "small_stem" in row.options} for row in rows}
    size = size or max([usual, *(smallest(row, stems[row.name])[0] for row in rows)])
    data = Images(source=source, size=size)
    return [
        Recipe(
            name=f"{row.name}_{address.label(source)}",
            data=data,
            model=Model(name=row.name, options=_stem(row, size)),
            augment=(Affine(shift=0.1, scale=0.1),),
            optimizer=AdamW(lr=1e-3, weight_decay=0.01),
            schedule=Cosine(warmup_epochs=1),
            train=Train(epochs=20, batch_size=64),
        )
        for row in rows
    ]


def _masked(source: str, row: Variant, size: int | None) -> Recipe:
    """The recipe for a folder of images and masks, in tiles of `size` pixels, with answers as large where possible."""
    return Recipe(
        name=f"{row.name}_{address.label(source)}",
        data=Masks(source=source, size=size or TILE, crops=4),
        model=Model(name=row.name, options=load(LIGHT[row.family]).model.options),
        augment=(Dihedral(), Elastic()),
        optimizer=AdamW(lr=1e-3, weight_decay=0.01),
        schedule=Cosine(warmup_epochs=1),
        train=Train(epochs=30, batch_size=4),
    )


def _series(source: str, row: Variant, _: int | None) -> Recipe:
    """The recipe for series."""
    return Recipe(
        name=f"{row.name}_{address.label(source)}",
        data=Series(source=source, task=sequences.asked(source) or "classification"),
        model=Model(name=row.name),
        optimizer=AdamW(lr=2e-3, weight_decay=0.01),
        schedule=Cosine(warmup_epochs=1),
        train=Train(epochs=20, batch_size=32, clip_norm=1.0),
    )


def _forecasts(source: str, row: Variant, _: int | None) -> Recipe:
    """The recipe for dated series, which are all forecast."""
    return Recipe(
        name=f"{row.name}_{address.label(source)}",
        data=Forecast(source=source),
        model=Model(name=row.name),
        optimizer=Adam(lr=1e-2, l2=1e-2),
        schedule=Cosine(),
        train=Train(epochs=60, batch_size=4),
    )


def _texts(source: str, row: Variant, _: int | None) -> Recipe:
    """The recipe for texts."""
    return Recipe(
        name=f"{row.name}_{address.label(source)}",
        data=Text(source=source),
        model=Model(name=row.name),
        optimizer=AdamW(lr=1e-3, weight_decay=0.01),
        schedule=Cosine(warmup_epochs=1),
        train=Train(epochs=10, batch_size=50),
    )


def _audio(source: str, row: Variant, _: int | None) -> Recipe:
    """The recipe for recordings."""
    continued = row.task == "autoregression"
    return Recipe(
        name=f"{row.name}_{address.label(source)}",
        data=Audio(source=source, task="autoregression" if continued else "classification"),
        model=Model(name=row.name),
        optimizer=AdamW(lr=1e-3, weight_decay=0.01),
        schedule=Cosine(warmup_epochs=1),
        train=Train(epochs=20, batch_size=8 if continued else 32),
    )


def _clips(source: str, rows: Sequence[Variant], size: int | None) -> list[Recipe]:
    """The recipes for clips, all of one size and as many frames: `size`, else what the largest minimum among the models
    needs, and at least 64 pixels for folders, 32 for what is generated, as it is.
    """
    usual = SIDE if source in GENERATED else FILMED
    options = {row.name: _stem(row, size or usual) for row in rows}
    least = [smallest(row, options[row.name]) for row in rows]
    side = size or max([usual, *(max(lengths[-2:]) for lengths in least)])
    frames = max([FRAMES, *(lengths[0] for lengths in least)])
    given = source in GENERATED and side == SIDE
    return [
        Recipe(
            name=f"{row.name}_{address.label(source)}",
            data=Video(source=source, frames=frames, size=None if given else (side, side)),
            model=Model(name=row.name, options=options[row.name]),
            augment=() if source in GENERATED else (Affine(shift=0.1, scale=0.1),),
            optimizer=AdamW(lr=1e-3, weight_decay=0.01),
            schedule=Cosine(warmup_epochs=1),
            train=Train(epochs=20, batch_size=32),
        )
        for row in rows
    ]


def _stem(row: Variant, size: int) -> dict[str, Any]:
    """The option for a small stem, where images of this size call for one and the model can have it."""
    small = "small_stem" in row.options and (size < SMALL or size < max(row.smallest))
    return {"small_stem": True} if small else {}
