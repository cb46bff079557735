"""A real photograph, and a way to files."""

from PIL import Image
from sklearn.datasets import load_sample_image

CHINA = load_sample_image("china.jpg")


def save(name, image, **options):
    Image.fromarray(image).save(name, **options)
