"""Which architecture a run builds."""

from types import MappingProxyType
from typing import Annotated

from pydantic import Field

from kcnn.recipes.spec import Options, record


@record
class Model:
    """A variant by its name (`kcnn models` lists them) and the builder's options.

    With `start`, a finished run (`run:ID`) or a variant whose weights a package ships, every layer begins with the
    weights of its namesake there, where their shapes agree, and images are presented as they were to that network.
    """

    name: Annotated[str, Field(min_length=1)]
    options: Options = Field(default_factory=lambda: MappingProxyType({}))
    start: Annotated[str, Field(min_length=1)] | None = None
