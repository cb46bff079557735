"""Networks of clips."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
import tensorflow as tf
from PIL import Image

from kcnn.data.taken import middle
from kcnn.experiment.exporters.exporter import Exporter, named
from kcnn.exporting.verify import Case
from kcnn.exporting.videos import ClipClassifier, grey
from kcnn.serving.frames import as_png


class _Clips(Exporter):
    """By clips as the network sees them, by longer ones, by shorter ones of larger pictures, and by GIF files."""

    examples = 8

    def module(self) -> ClipClassifier:
        return ClipClassifier(self.run.model, self.run.preprocessing, self.run.classes)

    def cases(self) -> list[Case]:
        clips = self.shown.inputs(np.arange(len(self.shown)))
        expected = self._expected(clips)
        longer = np.concatenate([clips[:, ::-1], clips, clips[:, :1]], axis=1)
        of_longer = longer[:, middle(longer.shape[1], clips.shape[1])]
        shorter = clips[:, : -(-clips.shape[1] // 2)].repeat(2, axis=2)
        of_shorter = np.stack([self.run.preprocessing.stretch(clip) for clip in shorter])
        encoded = np.array([[as_png(frame) for frame in clip] for clip in clips], object)
        return [
            Case("serving_default", {"frame_bytes": encoded.tolist()}, expected),
            Case("serving_frames", {"frames": clips}, expected),
            Case("serving_frames", {"frames": longer}, self._expected(of_longer)),
            Case("serving_frames", {"frames": shorter}, self._expected(of_shorter)),
            *([] if self.run.preprocessing.rate else [self._of_files(clips)]),
        ]

    def _of_files(self, clips: np.ndarray) -> Case:
        """GIF files, of which Pillow says what they show: they have fewer colours, and no frame twice in a row."""
        files = [_gif(clip) for clip in clips]
        frames = [_frames(file) for file in files]
        if self.run.preprocessing.image.channels == 1:
            frames = [grey(tf.constant(each)).numpy() for each in frames]
        shown = np.stack([self.run.preprocessing.stretch(each) for each in frames])
        return Case("serving_gif", {"gif_bytes": files}, self._expected(shown))

    def _expected(self, clips: np.ndarray) -> dict[str, np.ndarray]:
        seen = self.run.preprocessing.standardize(tf.constant(clips))
        return named(self.run.model(seen, training=False), self.run.classes)


def _gif(frames: Sequence[np.ndarray]) -> bytes:
    first, *others = (Image.fromarray(frame[..., 0] if frame.shape[-1] == 1 else frame) for frame in frames)
    stream = BytesIO()
    first.save(stream, "GIF", save_all=True, append_images=others)
    return stream.getvalue()


def _frames(file: bytes) -> np.ndarray:
    with Image.open(BytesIO(file)) as image:
        shown = []
        for place in range(getattr(image, "n_frames", 1)):
            image.seek(place)
            shown.append(np.asarray(image.convert("RGB")))
    return np.stack(shown)


EXPORTERS = {("video", "classification"): _Clips}
