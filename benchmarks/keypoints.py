"""SIFT, ORB and AKAZE on synthetic homographies of real pictures, by mean average accuracy (corner errors of 1..10 px).

.venv/bin/python -m benchmarks.keypoints [FOLDER] [--pairs 3] [--strengths 0.1 0.2 0.3]

FOLDER holds JPEG photographs; without it the two that come with scikit-learn are used.
"""

import argparse
import os
import platform
from pathlib import Path

import cv2
import numpy as np
from sklearn.datasets import load_sample_images

from kcnn.filters.keypoints import METHODS, evaluate
from kcnn.filters.pictures import grey, read


def pictures(folder: Path | None) -> list[np.ndarray]:
    if folder is None:
        return [grey(image / 255) for image in load_sample_images().images]
    return [grey(read(path).pixels) for path in sorted(folder.glob("*.jpg"))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--strengths", type=float, nargs="+", default=[0.1, 0.2, 0.3])
    arguments = parser.parse_args()
    images = pictures(arguments.folder)
    print(f"{platform.machine()}, {os.cpu_count()} cores, OpenCV {cv2.__version__}")
    print(f"{len(images)} pictures, {arguments.pairs} homographies each")
    print(f"{'corners moved by':>17} {'method':>7} {'mAA':>6} {'inliers':>8} {'seconds':>8}")
    for strength in arguments.strengths:
        for method in METHODS:
            score = evaluate(images, method, arguments.pairs, strength=strength)
            print(
                f"{strength:>17.0%} {method:>7} {score.mean_average_accuracy:>6.3f} {score.inliers:>8.0f} "
                f"{score.seconds:>8.3f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
