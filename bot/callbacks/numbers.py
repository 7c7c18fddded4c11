"""Numbers as they stand in buttons; a press that brings others is no button of ours."""

from typing import Annotated

from pydantic import Field

Id = Annotated[int, Field(ge=0, lt=2**63)]
"""Of a row, or of a person; 0 is none."""
Page = Annotated[int, Field(ge=0, lt=2**31)]
"""Of a list; one that is past its end means the last."""
