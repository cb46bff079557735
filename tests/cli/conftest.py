import pytest

from tests.cli.pictures import CHINA, save


@pytest.fixture
def photograph(here):
    """photo.png, 200 x 300 pixels, in colour."""
    save("photo.png", CHINA[50:250, 100:400])
    return here / "photo.png"
