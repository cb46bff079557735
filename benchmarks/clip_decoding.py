"""How fast a network of clips learns from files, and from the same clips in memory: whether decoding keeps up.

.venv/bin/python -m benchmarks.clip_decoding [--clips 200] [--trials 3] [--height 240] [--width 320]

The clips are the shapes of the recipe, enlarged; the network is that of `c3d_small_motions` at 64 x 64 pixels. In each
trial every way is trained anew, one after another, and held against that from memory of the same trial. Decoding shares
the cores with the network: what it costs is how many fewer clips a second there are, not the share of waiting alone.
"""

import argparse
import os
import platform
import tempfile
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import cv2
import keras
import numpy as np
import tensorflow as tf
from PIL import Image

import kcnn
from kcnn.data.motions import MOTIONS, motions
from kcnn.workspace import Workspace

CODECS = {".mp4": "mp4v", ".avi": "MJPG", ".webm": "VP80"}
SIZE, EPOCHS, RATE = 64, 4, 25.0


def write(folder: Path, kind: str, clips: np.ndarray, labels: np.ndarray, size: tuple[int, int]) -> None:
    """The clips as `<class>/<number><kind>`; each frame is enlarged to `size` (width, height)."""
    for number, (clip, label) in enumerate(zip(clips, labels, strict=True)):
        frames = [cv2.cvtColor(cv2.resize(frame, size), cv2.COLOR_GRAY2BGR) for frame in clip]
        path = folder / MOTIONS[label] / f"{number}{kind}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind in CODECS:
            writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*CODECS[kind]), RATE, size)
            for frame in frames:
                writer.write(frame)
            writer.release()
        elif kind == ".gif":
            first, *others = map(Image.fromarray, frames)
            first.save(path, save_all=True, append_images=others, duration=1000 / RATE)
        else:
            path.mkdir()
            for place, frame in enumerate(frames):
                cv2.imwrite(str(path / f"{place}.jpg"), frame)


def trained(source: str, clips: int, space: Workspace) -> dict[str, float]:
    """Clips a second and the share of waiting of a short training, the median over its epochs."""
    result = kcnn.run(
        "c3d_small_motions",
        workspace=space,
        **{"data.source": source, "data.size": SIZE, "data.channels": 1, "data.validation": 0, "epochs": EPOCHS}
        | ({"data.examples": clips} if source == "motions" else {}),
    )
    return {name: result.metrics[name] for name in ("images_per_second", "waiting")}


def main() -> None:
    """Write the files, train from each kind in turn, print the medians with their range."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clips", type=int, default=200)
    parser.add_argument("--trials", type=int, default=3)
    parser.add_argument("--height", type=int, default=240)
    parser.add_argument("--width", type=int, default=320)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        space = Workspace(Path(folder) / "workspace")
        clips, labels = motions(options.clips, 0)
        sources = {"in memory": "motions"}
        for kind in (".mp4", ".avi", ".webm", ".gif", "/*.jpg"):
            name = kind.strip("./*")
            write(Path(folder) / name, "" if kind == "/*.jpg" else kind, clips, labels, (options.width, options.height))
            sources[kind] = str(Path(folder) / name)
        found: dict[str, list[dict[str, float]]] = {name: [] for name in sources}
        for _ in range(options.trials):
            for name, source in sources.items():
                found[name].append(trained(source, options.clips, space))
    print(f"Python {platform.python_version()}, TensorFlow {tf.__version__}, Keras {keras.__version__}")
    memory = np.array([each["images_per_second"] for each in found["in memory"]])
    for name, rows in found.items():
        speeds = np.array([each["images_per_second"] for each in rows])
        waiting = np.median([each["waiting"] for each in rows])
        shares = speeds / memory
        print(
            f"{name:10} {np.median(speeds):7.1f} clips/s [{speeds.min():.1f}, {speeds.max():.1f}], "
            f"{np.median(shares):.2f} [{shares.min():.2f}, {shares.max():.2f}] of that in memory, waiting {waiting:.1%}"
        )


if __name__ == "__main__":
    main()
