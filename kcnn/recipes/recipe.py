"""A recipe: everything that decides a run, as one value."""

from typing import Annotated

from pydantic import Field

from kcnn.errors import InputError
from kcnn.recipes.audio import Audio
from kcnn.recipes.augment import Transform
from kcnn.recipes.data import Images, Masks
from kcnn.recipes.forecast import Forecast
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Constant, Optimizer, Schedule, Sgd
from kcnn.recipes.series import Series
from kcnn.recipes.spec import record
from kcnn.recipes.text import Text
from kcnn.recipes.train import Train
from kcnn.recipes.transfer import Transfer
from kcnn.recipes.video import Video

Data = Images | Masks | Series | Text | Forecast | Audio | Video
"""What a recipe learns from."""


@record
class Recipe:
    """Data, augmentation, model, optimizer, schedule and training plan; a variation is `dataclasses.replace`.

    With `transfer` the model starts from weights that were trained on something else.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    data: Annotated[Data, Field(discriminator="kind")]
    model: Model
    augment: tuple[Transform, ...] = ()
    optimizer: Optimizer = Sgd()
    schedule: Schedule = Constant()
    train: Train = Train()
    transfer: Transfer | None = None

    @property
    def images(self) -> Images:
        """The data, where they are images with a label. Raises InputError where they are not."""
        if not isinstance(self.data, Images):
            raise InputError(f"{self.name} learns from data.kind={self.data.kind}, images are needed")
        return self.data

    @property
    def masks(self) -> Masks:
        """The data, where they are images with a mask. Raises InputError where they are not."""
        if not isinstance(self.data, Masks):
            raise InputError(f"{self.name} learns from data.kind={self.data.kind}, masks are needed")
        return self.data

    @property
    def forecast(self) -> Forecast:
        """The data, where they are series to be forecast. Raises InputError where they are not."""
        if not isinstance(self.data, Forecast):
            raise InputError(f"{self.name} learns from data.kind={self.data.kind}, a forecast is needed")
        return self.data

    @property
    def video(self) -> Video:
        """The data, where they are clips. Raises InputError where they are not."""
        if not isinstance(self.data, Video):
            raise InputError(f"{self.name} learns from data.kind={self.data.kind}, clips are needed")
        return self.data
