"""What a route of FastAPI or Starlette may ask the guard."""

from __future__ import annotations

from starlette.requests import HTTPConnection

from guardrail.asgi import ADMISSION
from guardrail.types import Admission

__all__ = ["admitted"]


def admitted(request: HTTPConnection) -> Admission | None:
    """The admission of a request, for `Depends(admitted)`; None on a path that is not guarded.

    It holds the verdict on the prompt, and in its context the identity.
    """
    admission: Admission | None = request.scope.get(ADMISSION)
    return admission
