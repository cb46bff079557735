"""Which architecture a run builds."""

from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from kcnn.recipes.spec import Options, record


@record
class Model:
    """A variant by its name (`kcnn models` lists them) and the builder's options."""

    name: Annotated[str, Field(min_length=1)]
    options: Options = Field(default_factory=lambda: MappingProxyType({}))
