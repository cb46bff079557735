"""What is known of every lab without running it: plain data."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Lab:
    """A row: the name on the command line, the lecture's page that makes the claim, and the claim."""

    name: str
    page: str
    claim: str

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
        ),
        Lab(
            "dense-counts-parameters",
            "Why full connection fails",
            "from a 320x320 image to a map of its size a dense layer has 10 billion weights, a 3x3 convolution 9",
        ),
        Lab(
            "permutation",
            "Images have neighbourhoods",
            "a fully connected network learns permuted pixels as well as the image, a convolutional one does not",
        ),
        Lab(
            "convolution-is-a-misnomer",
            "Convolution or correlation",
            "a convolutional layer computes a correlation: it does not flip its kernel",
        ),
        Lab(
            "convolution-as-matrix",
            "Convolution as a matrix",
            "a convolution is a product with a sparse matrix that repeats a few weights",
        ),
        Lab(
            "convolution-theorem",
            "The convolution theorem",
            "a product of Fourier transforms is a circular convolution, and a linear one after padding with zeros",
        ),
        Lab(
            "pooling-invariance",
            "Pooling",
            "after a shift by one every input of a max pooling has changed, and half of the pooled values have not",
        ),
        Lab(
            "max-pool-gradient",
            "The gradient of pooling",
            "the gradient of a maximum goes whole to the place that won",
        ),
        Lab(
            "translation",
            "What a shift does",
            "a network that pools still names digits moved by two pixels; a dense or a strided one does not",
        ),
        Lab(
            "stride-is-pooling",
            "The all convolutional net",
            "on centred digits a convolution with stride 2 takes the place of max pooling at no loss of accuracy",
        ),
        Lab(
            "three-3x3-is-one-7x7",
            "Depth instead of size",
            "three 3x3 convolutions see what one of 7x7 sees, with 27 weights for its 49",
        ),
        Lab(
            "one-by-one-reduction",
            "The inception module",
            "a 1x1 convolution before a 5x5 one saves most of its multiply-adds",
        ),
        Lab(
            "learned-features",
            "What the first layer learns",
            "the kernels of a sparse autoencoder of photographs look like Gabor filters, those it began with do not",
        ),
        Lab(
            "transposed-is-adjoint",
            "Transposed convolution",
            "a transposed convolution is the adjoint of a convolution, and not its inverse",
        ),
        Lab(
            "checkerboard",
            "Checkerboards",
            "upsampling leaves a checkerboard where the stride does not divide the kernel; 4x4 or resizing cures it",
        ),
    )
}
