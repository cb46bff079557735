"""Patches of the ISBI 2012 stack as a dataset: is the middle pixel membrane or not (Ciresan et al. 2012)?

    .venv/bin/python -m benchmarks.em_patches $KCNN_DATA/em_membranes FOLDER

Writes FOLDER/{train,test}/{inside,membrane}/*.png: 33 x 33 pixels, 5,000 of each class from the slices 0 to 19 and
1,000 from the slices 20 to 29, drawn with seed 0, wholly inside their slice.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from kcnn.seeds import generator

SIDE = 33
SPLITS = {"train": (range(20), 5000), "test": (range(20, 30), 1000)}
CLASSES = {"membrane": 0, "inside": 255}
"""The values of the labels."""


def main(stack: str, output: str, per_class: int | None = None) -> None:
    for number, (split, (slices, count)) in enumerate(SPLITS.items()):
        images = np.stack([np.array(Image.open(Path(stack) / "image" / f"{index:02}.png")) for index in slices])
        labels = np.stack([np.array(Image.open(Path(stack) / "label" / f"{index:02}.png")) for index in slices])
        half = SIDE // 2
        middles = labels[:, half:-half, half:-half]
        for value, (name, colour) in enumerate(CLASSES.items()):
            folder = Path(output) / split / name
            folder.mkdir(parents=True)
            places = np.argwhere(middles == colour)
            draws = generator(0, number, value).permutation(len(places))[: per_class or count]
            for index, (layer, top, left) in enumerate(places[draws]):
                Image.fromarray(images[layer, top : top + SIDE, left : left + SIDE]).save(folder / f"{index:04}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
