"""What is known of every lab without running it: plain data."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Lab:
    """A row: the name on the command line, the lecture's page that makes the claim, and the claim.

    `minutes` is how long it takes on a core of an AMD EPYC, and `longer` what `--full` takes, which trains for more
    epochs or from more seeds. None where there is only one form.
    `needs` is what the claim is known to need, where it does not hold at the scale of a lab.
    """

    name: str
    page: str
    claim: str
    minutes: float
    longer: float | None = None
    needs: str = ""

    @property
    def module(self) -> str:
        """The module of kcnn.labs that measures it."""
        return self.name.replace("-", "_")


# In the order of the lecture.
LABS: Mapping[str, Lab] = {
    lab.name: lab
    for lab in (
        Lab(
            "template-matching-breaks",
            "Template matching",
            "a template is found where it was cut out, and lost once the picture is turned or scaled",
            0.2,
        ),
        Lab(
            "dense-counts-parameters",
            "Why full connection fails",
            "from a 320x320 image to a map of its size a dense layer has 10 billion weights, a 3x3 convolution 9",
            0.1,
        ),
        Lab(
            "permutation",
            "Images have neighbourhoods",
            "a fully connected network learns permuted pixels as well as the image, a convolutional one does not",
            1.1,
        ),
        Lab(
            "convolution-is-a-misnomer",
            "Convolution or correlation",
            "a convolutional layer computes a correlation: it does not flip its kernel",
            0.1,
        ),
        Lab(
            "convolution-as-matrix",
            "Convolution as a matrix",
            "a convolution is a product with a sparse matrix that repeats a few weights",
            0.1,
        ),
        Lab(
            "convolution-theorem",
            "The convolution theorem",
            "a product of Fourier transforms is a circular convolution, and a linear one after padding with zeros",
            0.1,
        ),
        Lab(
            "pooling-invariance",
            "Pooling",
            "after a shift by one every input of a max pooling has changed, and half of the pooled values have not",
            0.1,
        ),
        Lab(
            "max-pool-gradient",
            "The gradient of pooling",
            "the gradient of a maximum goes whole to the place that won",
            0.1,
        ),
        Lab(
            "translation",
            "What a shift does",
            "a network that pools still names digits moved by two pixels; a dense or a strided one does not",
            1.3,
        ),
        Lab(
            "tanh-against-relu",
            "AlexNet",
            "a network of ReLUs comes down to a low training error in fewer epochs than one of tanh",
            0.9,
            longer=2.0,
            needs="CIFAR-10's photographs, and the error of 25 %, as in the paper",
        ),
        Lab(
            "stride-is-pooling",
            "The all convolutional net",
            "on centred digits a convolution with stride 2 takes the place of max pooling at no loss of accuracy",
            1.1,
        ),
        Lab(
            "all-convolutional",
            "The all convolutional net",
            "of four networks the one that halves by convolutions of their own names as many digits as the best",
            1.9,
            longer=6.2,
        ),
        Lab(
            "three-3x3-is-one-7x7",
            "Depth instead of size",
            "three 3x3 convolutions see what one of 7x7 sees, with 27 weights for its 49",
            0.1,
        ),
        Lab(
            "small-filters",
            "VGG",
            "stacks of three 3x3 convolutions name as many digits as ones of 7x7, with 27 weights for their 49",
            1.1,
            longer=3.0,
        ),
        Lab(
            "one-by-one-reduction",
            "The inception module",
            "a 1x1 convolution before a 5x5 one saves most of its multiply-adds",
            0.1,
        ),
        Lab(
            "inception-reduction",
            "The inception module",
            "with 1x1 reductions two inception modules name as many digits at a quarter of the multiply-adds",
            0.8,
            longer=2.1,
        ),
        Lab(
            "inception-short-circuit",
            "The inception module",
            "an inception module can go without a branch or pass its input on; networks without one name most digits",
            0.4,
            longer=1.1,
        ),
        Lab(
            "degradation",
            "Residual learning",
            "a plain network of 56 layers fits its training images worse than one of 20, a residual one does not",
            1.4,
            longer=4.8,
        ),
        Lab(
            "residual-jacobian",
            "Residual learning",
            "J of f + I is J of f, plus I: gradients of a deep residual network stay even, those of a plain one do not",
            0.1,
        ),
        Lab(
            "zeroed-block-is-identity",
            "Residual learning",
            "a residual block switched off is the identity: the network still names most digits, a plain one none",
            0.8,
            longer=1.7,
        ),
        Lab(
            "normalisation-axes",
            "Normalisation",
            "batch, layer, instance and group normalisation differ in nothing but over what they take the mean",
            0.1,
        ),
        Lab(
            "batch-against-group-norm",
            "Normalisation",
            "trained on 2 images at a time, not 32, a network errs more if batches normalise it, and not if groups do",
            4.3,
            longer=12.9,
            needs="ResNet-50 and 100 epochs of ImageNet's photographs, as in the paper",
        ),
        Lab(
            "dense-feature-reuse",
            "DenseNet",
            "a DenseNet names as many digits as ResNet-20, with less than half the parameters",
            0.8,
            longer=3.5,
        ),
        Lab(
            "compact-models",
            "EfficientNet",
            "compact networks name digits within two points of ResNet-18, at less than a quarter of its multiply-adds",
            3.3,
            longer=10.4,
            needs="the 1.28 million photographs that its papers have, and a hundred epochs",
        ),
        Lab(
            "dropout-and-weight-decay",
            "Overfitting",
            "dropout and weight decay bring down the test loss of a network that knows its training images by heart",
            1.9,
            longer=5.5,
        ),
        Lab(
            "augmentation-buys-robustness",
            "Augmentation",
            "a network that learned from turned, shifted, bent digits wins back half of what each costs another",
            1.2,
            longer=4.1,
        ),
        Lab(
            "learned-features",
            "What the first layer learns",
            "the kernels of a sparse autoencoder of photographs look like Gabor filters, those it began with do not",
            0.2,
        ),
        Lab(
            "transposed-is-adjoint",
            "Transposed convolution",
            "a transposed convolution is the adjoint of a convolution, and not its inverse",
            0.1,
        ),
        Lab(
            "transposed-equals-bilinear",
            "Bilinear enlargement",
            "bilinear enlargement is a transposed convolution with a kernel of triangles, within the borders",
            0.1,
        ),
        Lab(
            "checkerboard",
            "Checkerboards",
            "upsampling leaves a checkerboard where the stride does not divide the kernel; 4x4 or resizing cures it",
            0.3,
        ),
        Lab(
            "early-taps-transfer",
            "What a layer knows of other images",
            "late layers of a network suit a similar task, and earlier ones a different task",
            1.1,
            longer=1.6,
            needs="a network that knows the 500 classes of half of ImageNet, as in the paper",
        ),
        Lab(
            "four-transfer-scenarios",
            "Transfer learning",
            "few similar images gain most, by fixed layers; few different ones by earlier layers, many by fine-tuning",
            1.2,
            longer=3.6,
            needs="weights that know more than five digits, such as ImageNet's",
        ),
        Lab(
            "convolution-beyond-images",
            "Recurrent networks",
            "of sentences, sounds, series, clips a convolutional network knows no less than an LSTM of its size",
            1.5,
            longer=4.4,
        ),
    )
}
