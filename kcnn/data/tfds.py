"""Datasets of TensorFlow Datasets: `tfds:NAME`, found in `TFDS_DATA_DIR`, downloaded where there is a network."""

import logging
import socket
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import numpy as np

from kcnn.data.source import Item, Listing, set_aside_test
from kcnn.errors import DataError, InputError, unknown


@dataclass(frozen=True)
class Spoken:
    """One recording: `samples` (n,), int16, `rate` of them a second, what its file was called, its label."""

    samples: np.ndarray
    rate: int
    name: str
    label: int


_SPLITS = {"train": "train", "validation": "val", "val": "val", "test": "test"}


def dataset(name: str, split_seed: int) -> Listing:
    """The images of one dataset, still encoded; where it has only `train`, a fifth is set aside as `test`.

    Raises `InputError` for an unknown name or data without image and label, `DataError` if it cannot be had.
    """
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()
    builder = _prepared(tfds, name)
    features = builder.info.features
    splits: dict[str, tuple[Sequence[Item], np.ndarray]] = {
        ours: _read(tfds, builder, theirs) for theirs, ours in _usable(builder, name, "image")
    }
    if len(splits) == 1:
        splits = set_aside_test(*splits["train"], split_seed)
    height, width, channels = features["image"].shape
    size = (height, width) if height and width else None
    return Listing(tuple(features["label"].names), splits, channels or 3, size)


def recordings(name: str) -> tuple[tuple[str, ...], dict[str, list[Spoken]]]:
    """Class names, and the recordings of one dataset by its splits; where it has only `train`, that is all.

    Raises as `dataset`, for data without audio and label.
    """
    import tensorflow_datasets as tfds

    tfds.disable_progress_bar()
    builder = _prepared(tfds, name)
    features, found = builder.info.features, _usable(builder, name, "audio")
    rate = features["audio"].sample_rate
    if not rate:
        raise InputError(f"tfds:{name} does not say how many samples its recordings have a second")
    splits = {ours: _spoken(tfds, builder, theirs, rate) for theirs, ours in found}
    return tuple(features["label"].names), splits


def _usable(builder: Any, name: str, what: str) -> list[tuple[str, str]]:
    """The splits by their names and ours. Raises `InputError` where there is no train, or no `what` with a label."""
    features, splits = builder.info.features, builder.info.splits
    if what not in features or "label" not in features:
        raise InputError(f"tfds:{name} has {', '.join(features)}: kcnn needs {what} and label here")
    if "train" not in splits:
        raise InputError(f"tfds:{name} has no split train, only {', '.join(splits)}")
    return [(theirs, ours) for theirs, ours in _SPLITS.items() if theirs in splits]


def _spoken(tfds: Any, builder: Any, split: str, rate: int) -> list[Spoken]:
    """The recordings of a split, in the order of the files."""
    config = tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False)
    examples = tfds.as_numpy(builder.as_dataset(split=split, read_config=config))
    return [
        Spoken(each["audio"].astype(np.int16), rate, _stem(each.get("audio/filename", b"")), int(each["label"]))
        for each in examples
    ]


def _stem(name: bytes) -> str:
    return Path(name.decode()).stem


def _prepared(tfds: Any, name: str) -> Any:
    """The builder, its data on disk."""
    try:
        builder = tfds.builder(name)
    except tfds.core.registered.DatasetNotFoundError:
        raise unknown("dataset", name, tfds.list_builders(with_community_datasets=False)) from None
    except (ValueError, AssertionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise InputError(f"tfds:{name} is no dataset[/config][:version] that TFDS can build: {reason}") from None
    if builder.is_prepared():
        return builder
    _reachable(name, builder)
    # A line for each of a dozen attempts says nothing that the error after them does not.
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    try:
        # stdout is for results.
        with redirect_stdout(sys.stderr):
            builder.download_and_prepare()
    except Exception as error:
        # Whatever a download meets (no network, a checksum, a missing tool) is for the user to mend.
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise DataError(
            f"tfds:{name} is not prepared in {builder.data_dir} and could not be downloaded: {reason}"
        ) from None
    return builder


def _reachable(name: str, builder: Any) -> None:
    """Raise `DataError` at once where there is no network; TFDS would try for minutes."""
    hosts = {urlsplit(url).hostname for url in builder.url_infos}
    for host in sorted(host for host in hosts if host and not getproxies()):
        try:
            socket.getaddrinfo(host, 443)
        except OSError:
            raise DataError(
                f"tfds:{name} is not prepared in {builder.data_dir}, and {host} cannot be reached to download it: "
                "TFDS_DATA_DIR names the folder of prepared data"
            ) from None


def _read(tfds: Any, builder: Any, split: str) -> tuple[list[Item], np.ndarray]:
    """Encoded images and labels, in the order of the files."""
    encoded = builder.as_dataset(
        split=split,
        decoders={"image": tfds.decode.SkipDecoding()},
        read_config=tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False),
    )
    items, labels = [], []
    for batch in encoded.map(lambda example: (example["image"], example["label"])).batch(1024):
        items += batch[0].numpy().tolist()
        labels.append(batch[1].numpy())
    return items, np.concatenate(labels).astype(np.int64)
