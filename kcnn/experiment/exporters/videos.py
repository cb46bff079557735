"""Networks of clips."""

import numpy as np
import tensorflow as tf

from kcnn.data.taken import middle
from kcnn.experiment.exporters.exporter import Exporter, named
from kcnn.exporting.verify import Case
from kcnn.exporting.videos import ClipClassifier
from kcnn.serving.frames import as_png


class _Clips(Exporter):
    """By clips as the network sees them, by longer ones and by shorter ones of larger pictures."""

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
        ]

    def _expected(self, clips: np.ndarray) -> dict[str, np.ndarray]:
        seen = self.run.preprocessing.standardize(tf.constant(clips))
        return named(self.run.model(seen, training=False), self.run.classes)


EXPORTERS = {("video", "classification"): _Clips}
