"""The three errors: the input is wrong, the numbers could not be computed, the server failed."""

from __future__ import annotations

from typing import Any, Optional


class InputError(ValueError):
    """The input is wrong. ``field`` is its path in the model or the name of an option."""

    kind = "input"

    def __init__(self, message: str, field: Optional[str] = None) -> None:
        super().__init__(message)
        self.field = field


class NumericalError(ArithmeticError):
    """The numbers could not be computed to the tolerance.

    ``energy``, ``at``, ``condition`` and ``causes`` tell where and why (None if they are unknown);
    ``known`` is the part of the answer that is known.
    """

    kind = "numerical"

    def __init__(self, message: str, details: dict, known: Any = None) -> None:
        super().__init__(message)
        self.energy = details.get("energy")
        self.at = details.get("at")
        self.condition = details.get("condition")
        self.causes = details.get("causes", [])
        self.known = known


class ServerError(RuntimeError):
    """The nanopinwheel process cannot be started, has ended, or met a defect of its own."""

    kind = "internal"


def error_of(answer: dict) -> Exception:
    """The exception for an answer that holds an error."""
    error = answer["error"]
    if error["kind"] == "input":
        return InputError(error["message"], error.get("field"))
    if error["kind"] == "numerical":
        return NumericalError(error["message"], error, answer.get("known"))
    return ServerError(error["message"])
