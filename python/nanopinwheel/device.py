"""A device: every question as a method that returns numpy arrays."""

from __future__ import annotations

import weakref
from typing import Any, Iterable, List, Mapping, Optional

import numpy as np

from .errors import InputError
from .server import Command, Server, result_of

COMPLEX = {
    "scatter": {"S", "dS", "dSdE", "A"},
    "scatteringMatrix": {"S"},
}
"""Members of answers that hold complex matrices, written as ``[re, im]``."""


def _arrays(value: Any, is_complex: bool = False) -> Any:
    """Lists of numbers as arrays of float64 or complex128; everything else as it is."""
    if isinstance(value, dict):
        return {key: _arrays(one, is_complex) for key, one in value.items()}
    if not isinstance(value, list):
        return value
    if is_complex:
        return np.asarray(value, dtype=float).view(complex)[..., 0]
    if value and _numeric(value):
        try:
            return np.asarray(value, dtype=float)
        except ValueError:
            return value
    return [_arrays(one) for one in value]


def _numeric(value: Any) -> bool:
    if isinstance(value, list):
        return all(_numeric(one) for one in value)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _plain(value: Any) -> Any:
    """numpy's numbers and arrays as those of JSON."""
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, complex):
        return [value.real, value.imag]
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value


class Device:
    """A model with a process of ``nanopinwheel serve`` that answers questions about it.

    ``model``: a model file's content (a dict), as ``from_arrays`` and ``from_kwant`` make it.
    ``command``: the program (default: the variable NANOPINWHEEL, else ``nanopinwheel`` on PATH).
    ``workers``: requests of ``map`` computed side by side (default: one at a time).

    Every method takes the options of the library's question of that name, for example
    ``device.forces(at={"x": 0.3}, tolerance=1e-6)``, and returns a dict whose lists of numbers are
    arrays: of complex128 for ``S``, ``dS`` and ``dSdE``, otherwise float64, to the bit those of the library.
    Raises InputError, NumericalError or ServerError. Use it in ``with``, or call ``close``.
    """

    def __init__(self, model: dict, command: Command = None, workers: Optional[int] = None) -> None:
        self.model = _plain(model)
        self._server = Server(self.model, command, workers)
        self._end = weakref.finalize(self, Server.close, self._server)

    def map(self, question: str, requests: Iterable[Mapping[str, Any]]) -> List[dict]:
        """The answers to many requests of one question, in their order.

        The requests are sent without waiting for answers. Raises the error of the first that fails;
        its ``index`` is the place of the request.
        """
        futures = [self._server.send({**_plain(one), "question": question}) for one in requests]
        answers = []
        for index, future in enumerate(futures):
            try:
                answers.append(self._read(question, future.result()))
            except Exception as error:
                error.index = index  # type: ignore[attr-defined]
                raise
        return answers

    def ask(self, question: str, **options: Any) -> dict:
        """The answer to any question by the library's name."""
        request = {**_plain(options), "question": question}
        return self._read(question, self._server.send(request).result())

    @staticmethod
    def _read(question: str, answer: dict) -> dict:
        complex_members = COMPLEX.get(question, set())
        return {key: _arrays(one, key in complex_members) for key, one in result_of(answer).items()}

    def scatter(self, **options: Any) -> dict:
        """S, dS by parameter, dSdE, delays and transmissions at ``energy`` and ``at``."""
        return self.ask("scatter", **options)

    def scattering_matrix(self, **options: Any) -> dict:
        """S alone, in less time."""
        return self.ask("scatteringMatrix", **options)

    def pump(self, **options: Any) -> dict:
        """Charge per turn of the cycle that enters from each lead."""
        return self.ask("pump", **options)

    def forces(self, **options: Any) -> dict:
        """Force, friction, noise and currents at ``at``."""
        return self.ask("forces", **options)

    def forces_at(self, at: Mapping[str, Any], **options: Any) -> dict:
        """``forces`` at many configurations at once.

        ``at``: an array of n values per parameter (a single number stays fixed). The arrays of the
        answer have the configurations as first index.
        """
        values = np.broadcast_arrays(*(np.atleast_1d(np.asarray(one, dtype=float)) for one in at.values()))
        if not values or values[0].ndim != 1:
            raise InputError("at: wrong shape; expected a list of numbers per parameter.", "at")
        requests = [{**options, "at": dict(zip(at, point))} for point in zip(*(v.tolist() for v in values))]
        answers = self.map("forces", requests)
        members = ("force", "friction", "noise", "error")
        stacked = {key: np.array([one[key] for one in answers]) for key in members if all(key in a for a in answers)}
        for key in ("current", "currentPerVelocity", "energyCurrent", "heatCurrent"):
            if all(key in one for one in answers):
                stacked[key] = {lead: np.array([one[key][lead] for one in answers]) for lead in answers[0][key]}
        stacked["answers"] = answers
        return stacked

    def motor(self, **options: Any) -> dict:
        """Work, friction and noise per turn, the curve over the turn, and the steady state."""
        return self.ask("motor", **options)

    def simulate(self, **options: Any) -> dict:
        """The rotor with noise: mean velocity, diffusion, trajectories."""
        return self.ask("simulate", **options)

    def curvature(self, **options: Any) -> dict:
        """The pumping curvature over a rectangle of two parameters."""
        return self.ask("curvature", **options)

    def linear_response(self, **options: Any) -> dict:
        """The motor at equal fillings: friction, conductance, figure of merit."""
        return self.ask("linearResponse", **options)

    def rectified(self, **options: Any) -> dict:
        """The direct current that stray capacitances of the gates make."""
        return self.ask("rectified", **options)

    def turn_curve(self, **options: Any) -> dict:
        """The motor's curve without its steady state."""
        return self.ask("turnCurve", **options)

    def close(self) -> None:
        """Ends the process. Closing twice does nothing."""
        self._end()

    def __enter__(self) -> "Device":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
