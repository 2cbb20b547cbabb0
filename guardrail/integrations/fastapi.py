"""What a route of FastAPI or Starlette may ask the guard."""

from __future__ import annotations

import math
from typing import Any

from guardrail.asgi import ADMISSION
from guardrail.errors import InputError
from guardrail.integrations import needing
from guardrail.tabular import Tabular
from guardrail.types import Action, Admission

with needing(__name__, "pip install 'leakrail[proxy]'"):
    from starlette.exceptions import HTTPException
    from starlette.requests import HTTPConnection

__all__ = ["admitted", "scored"]

_STATUS = {Action.THROTTLE: 429, Action.CHALLENGE: 401}


def admitted(request: HTTPConnection) -> Admission | None:
    """The admission of a request, for `Depends(admitted)`; None on a path that is not guarded.

    It holds the verdict on the prompt, and in its context the identity.
    """
    admission: Admission | None = request.scope.get(ADMISSION)
    return admission


async def scored(tabular: Tabular, rows: Any, admission: Admission | None) -> Any:
    """The answers to rows that a route was asked for, with what `admitted` told of the request.

    Raises `HTTPException`, which the framework answers with: 429, 401 or 403 where they are
    stopped, 422 for rows that are not as the schema has them.
    """
    try:
        told = await tabular.ascore(rows, admission)
    except InputError as error:
        raise HTTPException(422, str(error)) from None
    if not tabular.stops(told):
        return told.answers
    stopped, headers = told.admission, {}
    if stopped.action is Action.CHALLENGE:
        headers["www-authenticate"] = stopped.challenge
    if stopped.retry_after is not None:
        headers["retry-after"] = str(max(1, math.ceil(stopped.retry_after)))
    raise HTTPException(_STATUS.get(stopped.action, 403), stopped.verdict.text, headers)
