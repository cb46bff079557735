"""Networks of images: that name, segment, reconstruct and make them."""

import numpy as np
import tensorflow as tf

from kcnn.data.tiles import Tiling
from kcnn.experiment import makers
from kcnn.experiment.exporters.exporter import Exporter, named
from kcnn.exporting.classifier import Classifier
from kcnn.exporting.makers import Generator, Reconstructor, code_of
from kcnn.exporting.segmenter import Segmenter
from kcnn.exporting.verify import Case

WHOLE_IMAGES = 4
"""How many examples the proof is made with where each is answered tile by tile."""


class _Classifier(Exporter):
    def module(self) -> Classifier:
        return Classifier(self.run.model, self.run.preprocessing, self.run.classes)

    def cases(self) -> list[Case]:
        images = self._images()
        logits = self.run.model(self.run.preprocessing.standardize(images), training=False)
        expected = named(logits, self.run.classes)
        return [
            Case("serving_default", {"images": images}, expected),
            Case("serving_bytes", self._bytes(), expected),
        ]


class _Segmenter(Exporter):
    examples = WHOLE_IMAGES

    def module(self) -> Segmenter:
        values = self.shown.legend.values
        return Segmenter(self.run.model, self.run.preprocessing, self.run.classes, values, self._tiling())

    def cases(self) -> list[Case]:
        images = [self.shown.image(index) for index in range(len(self.shown))]
        probabilities = [self._probabilities(image) for image in images]
        values = np.array(self.shown.legend.values, np.int64)
        masks = [values[each.argmax(-1)] for each in probabilities]
        names = np.array([[name.encode() for name in self.run.classes]] * len(images), object)
        whole = [
            Case(
                "serving_default",
                {"images": image[np.newaxis]},
                {"probabilities": each[np.newaxis], "mask": mask[np.newaxis]},
            )
            for image, each, mask in zip(images, probabilities, masks, strict=True)
        ]
        counts = [np.bincount(each.argmax(-1).ravel(), minlength=len(values)) for each in probabilities]
        shares = np.array([each / each.sum() for each in counts], np.float32)
        expected = {"mask_bytes": masks, "class_names": names, "shares": shares}
        return [*whole, Case("serving_bytes", self._bytes(), expected)]

    def _probabilities(self, image: np.ndarray) -> np.ndarray:
        tiling = self._tiling()
        tiles = self.run.preprocessing.standardize(tiling.cut(tf.constant(image)))
        answers = tf.concat([self.run.model(tile[tf.newaxis], training=False) for tile in tiles], 0)
        return tf.nn.softmax(tiling.join(answers, *image.shape[:2])).numpy()

    def _tiling(self) -> Tiling:
        return Tiling(self.recipe.masks.size, self.run.model.output_shape[1], self.recipe.masks.overlap)


class _Reconstructor(Exporter):
    def module(self) -> Reconstructor:
        return Reconstructor(self.run.model, self.run.preprocessing)

    def cases(self) -> list[Case]:
        images = self._images()
        maker = makers.Reconstructor(self.run.model, self.run.preprocessing)
        made = maker.decoded(maker.encoded(images))
        codes = makers.drawn(len(images), maker.latent, seed=0)
        return [
            Case("serving_default", {"images": images}, {"images": made}),
            Case("serving_bytes", self._bytes(), {"image_bytes": made}),
            Case("decode", {"code": codes}, {"image_bytes": maker.decoded(codes)}),
        ]


class _Generator(Exporter):
    def module(self) -> Generator:
        return Generator(self.run.model, self.run.classes)

    def cases(self) -> list[Case]:
        maker = makers.Generator(self.run.model)
        labels = np.arange(self.examples) % len(self.run.classes)
        codes = makers.drawn(len(labels), maker.latent, seed=0)
        names = [self.run.classes[label].encode() for label in labels]
        seeds = np.arange(self.examples)
        of_seeds = np.stack([code_of(seed, maker.latent).numpy() for seed in seeds])
        return [
            Case("decode", {"class_name": names, "code": codes}, {"image_bytes": maker.decoded(codes, labels)}),
            Case(
                "serving_default",
                {"class_name": names, "seed": seeds},
                {"image_bytes": maker.decoded(of_seeds, labels)},
            ),
        ]


EXPORTERS = {
    ("images", "classification"): _Classifier,
    ("masks", "segmentation"): _Segmenter,
    ("images", "reconstruction"): _Reconstructor,
    ("images", "generation"): _Generator,
}
