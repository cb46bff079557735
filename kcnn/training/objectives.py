"""What a model is trained for: what it is given, what of its answer is minimised, and what is reported."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import tensorflow as tf

from kcnn.training.losses import Loss, cross_entropy

WHOLE = ""
"""The name of the part of a model that is all of it."""

AUXILIARY = 0.3
"""How much the loss of an auxiliary head counts beside that of the logits (Szegedy et al. 2015, section 5)."""


@dataclass(frozen=True)
class Judgement:
    """One value an example (N,): a loss for each part of the model that learns by its own, and what is reported."""

    minimised: Mapping[str, tf.Tensor]
    reported: tuple[tf.Tensor, ...]


class Objective(Protocol):
    """What a training minimises. `seen` are the standardised images (N, h, w, c), `truth` is the batch's.

    `reported` names the values of a judgement in their order; the first is `loss`. `in_training` says that the model
    is evaluated as it is in training, by the statistics of the batch.
    """

    reported: tuple[str, ...]
    in_training: bool

    def inputs(self, seen: tf.Tensor, truth: Any) -> Any:
        """What the model is given."""

    def judge(self, seen: tf.Tensor, truth: Any, answered: Any) -> Judgement:
        """How good the model's answer is."""

    def evaluated(self, seen: tf.Tensor, truth: Any, answered: Any) -> tf.Tensor:
        """What evaluation asks for, a row an example, in float32."""


class Classification:
    """A label (N,) for each image, by logits (N, classes).

    A model may answer with a mapping: `logits`, and auxiliary heads by other names, whose losses are added to what
    is minimised, and to nothing that is reported.
    """

    reported: tuple[str, ...] = ("loss", "accuracy")
    in_training = False

    def __init__(self, loss: Loss | None = None):
        self.loss = loss or cross_entropy()

    def inputs(self, seen: tf.Tensor, truth: tf.Tensor) -> tf.Tensor:
        """The images."""
        return seen

    def judge(self, seen: tf.Tensor, truth: tf.Tensor, answered: Any) -> Judgement:
        """Cross-entropy, and whether the largest logit is at the label."""
        logits = self.evaluated(seen, truth, answered)
        losses = self.loss(truth, logits)
        right = tf.cast(tf.equal(tf.argmax(logits, -1), truth), tf.float32)
        heads = [head for name, head in answered.items() if name != "logits"] if isinstance(answered, dict) else []
        trained = losses
        if heads:
            trained += AUXILIARY * tf.add_n([self.loss(truth, _float32(head)) for head in heads])
        return Judgement({WHOLE: trained}, (losses, right))

    def evaluated(self, seen: tf.Tensor, truth: tf.Tensor, answered: Any) -> tf.Tensor:
        """The logits."""
        return _float32(answered["logits"] if isinstance(answered, dict) else answered)


class Segmentation:
    """A class for each pixel: truth `classes` and `weights` (N, s, s), by logits (N, a, a, classes).

    The answer of an unpadded network is smaller than its image, a < s: it is that of the middle. A pixel counts in
    the loss by its weight, the mean being over all pixels; of those that count at all the share that is right is
    reported. Source: Ronneberger, Fischer, Brox 2015, equation 1.
    """

    reported: tuple[str, ...] = ("loss", "accuracy")
    in_training = False

    def inputs(self, seen: tf.Tensor, truth: Mapping[str, tf.Tensor]) -> tf.Tensor:
        """The images."""
        return seen

    def judge(self, seen: tf.Tensor, truth: Mapping[str, tf.Tensor], answered: tf.Tensor) -> Judgement:
        """Weighted cross-entropy, and the share of the pixels that is right."""
        logits = _float32(answered)
        classes = centre(truth["classes"], logits.shape[1], logits.shape[2])
        weights = centre(truth["weights"], logits.shape[1], logits.shape[2])
        counted = tf.cast(weights > 0, tf.float32)
        # What is not counted may bear a number beyond the classes.
        named = tf.where(weights > 0, tf.cast(classes, tf.int32), 0)
        losses = weights * tf.nn.sparse_softmax_cross_entropy_with_logits(named, logits)
        right = counted * tf.cast(tf.equal(tf.argmax(logits, -1, tf.int32), named), tf.float32)
        shares = tf.math.divide_no_nan(tf.reduce_sum(right, [1, 2]), tf.reduce_sum(counted, [1, 2]))
        mean = tf.reduce_mean(losses, [1, 2])
        return Judgement({WHOLE: mean}, (mean, shares))

    def evaluated(self, seen: tf.Tensor, truth: Mapping[str, tf.Tensor], answered: tf.Tensor) -> tf.Tensor:
        """The logits."""
        return _float32(answered)


class _Judged:
    """Evaluation asks for what is reported, too: there is no truth but the images."""

    in_training = False

    def inputs(self, seen: tf.Tensor, truth: tf.Tensor) -> Any:
        """The images."""
        return seen

    def judge(self, seen: tf.Tensor, truth: tf.Tensor, answered: Any) -> Judgement:
        """How good the model's answer is."""
        raise NotImplementedError

    def evaluated(self, seen: tf.Tensor, truth: tf.Tensor, answered: Any) -> tf.Tensor:
        """What is reported (N, values)."""
        return tf.stack(self.judge(seen, truth, answered).reported, -1)


class Reconstruction(_Judged):
    """The image itself, pixels in 0..1, by logits (N, h, w, c): the cross-entropy of an image in nats."""

    reported: tuple[str, ...] = ("loss", "squared_error")

    def judge(self, seen: tf.Tensor, truth: tf.Tensor, answered: tf.Tensor) -> Judgement:
        """Cross-entropy, and the mean squared error of a pixel."""
        losses, errors = _pixels(seen, answered)
        return Judgement({WHOLE: losses}, (losses, errors))


class Variational(_Judged):
    """As Reconstruction, from a code that is drawn: minus the evidence's lower bound, in nats an image.

    The model answers `logits`, and the `mean` and `log_variance` (N, latent) of the code.
    Source: Kingma and Welling 2014, equation 10.
    """

    reported: tuple[str, ...] = ("loss", "reconstruction", "divergence", "squared_error")

    def judge(self, seen: tf.Tensor, truth: tf.Tensor, answered: Mapping[str, tf.Tensor]) -> Judgement:
        """Reconstruction and the divergence of the code from a standard normal one."""
        losses, errors = _pixels(seen, answered["logits"])
        mean, log_variance = _float32(answered["mean"]), _float32(answered["log_variance"])
        each = tf.square(mean) + tf.exp(log_variance) - log_variance - 1.0
        divergence = 0.5 * tf.reduce_sum(each, -1)
        total = losses + divergence
        return Judgement({WHOLE: total}, (total, losses, divergence, errors))


class Adversarial(_Judged):
    """Images that a discriminator takes for real ones, two networks that learn against one another.

    The model is given `image` and `label`, and answers `image` (N, h, w, c), and the discriminator's logits (N,) of
    `real` and `fake` images. The generator maximises log D of its images instead of minimising log(1 - D)
    (Goodfellow et al. 2014, section 3). `smoothing` is taken from the discriminator's target for real images
    (Salimans et al. 2016, 3.4). Both learn at every step, from the same images.

    Real and fake images have other statistics, and the discriminator's moving ones are a mixture that it has never
    been trained on: it is evaluated by those of the batch.
    """

    reported: tuple[str, ...] = ("loss", "discriminator_loss", "generator_loss", "real_probability", "fake_probability")
    in_training = True

    def __init__(self, smoothing: float = 0.0):
        self.smoothing = smoothing

    def inputs(self, seen: tf.Tensor, truth: tf.Tensor) -> dict[str, tf.Tensor]:
        """Image and label."""
        return {"image": seen, "label": truth}

    def judge(self, seen: tf.Tensor, truth: tf.Tensor, answered: Mapping[str, tf.Tensor]) -> Judgement:
        """Each network's loss, and the mean probability of being real that the discriminator gives either kind."""
        real, fake = _float32(answered["real"]), _float32(answered["fake"])
        discriminator = _binary(1.0 - self.smoothing, real) + _binary(0.0, fake)
        generator = _binary(1.0, fake)
        reported = (discriminator + generator, discriminator, generator, tf.sigmoid(real), tf.sigmoid(fake))
        return Judgement({"discriminator": discriminator, "generator": generator}, reported)


def centre(maps: tf.Tensor, height: int, width: int) -> tf.Tensor:
    """The middle of maps (N, H, W)."""
    top, left = (maps.shape[1] - height) // 2, (maps.shape[2] - width) // 2
    return maps[:, top : top + height, left : left + width]


def _pixels(seen: tf.Tensor, logits: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Of images in 0..1: cross-entropy summed, squared error averaged over the pixels and channels."""
    logits = _float32(logits)
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=seen, logits=logits)
    errors = tf.square(seen - tf.sigmoid(logits))
    return tf.reduce_sum(losses, [1, 2, 3]), tf.reduce_mean(errors, [1, 2, 3])


def _binary(target: float, logits: tf.Tensor) -> tf.Tensor:
    return tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.fill(tf.shape(logits), target), logits=logits)


def _float32(tensor: tf.Tensor) -> tf.Tensor:
    return tf.cast(tensor, tf.float32)
