"""A recipe: everything that decides a run, as one value."""

from typing import Annotated

from pydantic import Field

from kcnn.recipes.augment import Transform
from kcnn.recipes.data import Images
from kcnn.recipes.model import Model
from kcnn.recipes.optimize import Constant, Optimizer, Schedule, Sgd
from kcnn.recipes.spec import record
from kcnn.recipes.train import Train
from kcnn.recipes.transfer import Transfer


@record
class Recipe:
    """Data, augmentation, model, optimizer, schedule and training plan; a variation is `dataclasses.replace`.

    With `transfer` the model starts from weights that were trained on something else.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    data: Images
    model: Model
    augment: tuple[Transform, ...] = ()
    optimizer: Optimizer = Sgd()
    schedule: Schedule = Constant()
    train: Train = Train()
    transfer: Transfer | None = None
