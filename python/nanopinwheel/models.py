"""Models from arrays, and from a finalised Kwant system."""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, Optional, Sequence, Union

import numpy as np

from .errors import InputError

_ROUNDING = 1e-12
"""Largest defect of Hermiticity or linearity, relative to the largest element."""


def _wrong(field: str, what: str, expected: str, found: str) -> InputError:
    return InputError(f"{field}: {what}; expected {expected}, found {found}.", field)


def _matrix(value: Any, field: str) -> np.ndarray:
    """A dense complex matrix from an array, a list of rows, or a sparse matrix of scipy."""
    dense = value.toarray() if hasattr(value, "toarray") else value
    try:
        matrix = np.asarray(dense, dtype=complex)
    except (TypeError, ValueError):
        raise _wrong(field, "not a matrix", "numbers", type(value).__name__) from None
    if matrix.ndim != 2:
        raise _wrong(field, "not a matrix", "two dimensions", str(matrix.ndim))
    if not np.isfinite(matrix).all():
        raise _wrong(field, "not finite", "finite numbers", "NaN or infinity")
    return matrix


def _hermitian(value: Any, field: str) -> np.ndarray:
    matrix = _matrix(value, field)
    rows, columns = matrix.shape
    if rows != columns:
        raise _wrong(field, "not square", "as many rows as columns", f"{rows} x {columns}")
    defect = np.abs(matrix - matrix.conj().T)
    if rows and defect.max() > _ROUNDING * np.abs(matrix).max():
        row, column = np.unravel_index(defect.argmax(), defect.shape)
        raise _wrong(field, "not Hermitian", f"H[{row}, {column}] = conj(H[{column}, {row}])",
                     f"{matrix[row, column]} and {matrix[column, row]}")
    return matrix


def _triplets(matrix: np.ndarray, upper: bool = False) -> List[list]:
    """``[row, column, value]`` or ``[row, column, re, im]`` of what is not zero.

    The last element of the matrix is always among them, since the file takes the size from it.
    """
    listed = matrix != 0
    if upper:
        listed = np.triu(listed)
    listed[-1, -1] = True
    found = []
    for row, column in zip(*(index.tolist() for index in np.nonzero(listed))):
        value = complex(matrix[row, column])
        # The diagonal of a Hermitian matrix is real: the imaginary part is rounding.
        real = value.imag == 0 or (upper and row == column)
        found.append([row, column, value.real] if real else [row, column, value.real, value.imag])
    return found


def _periodic(lead: Mapping[str, Any], field: str) -> Dict[str, Any]:
    onsite = _hermitian(lead["onsite"], f"{field}.onsite")
    hopping = _matrix(lead["hopping"], f"{field}.hopping")
    size = len(onsite)
    if hopping.shape != onsite.shape:
        raise _wrong(f"{field}.hopping", "wrong shape", f"{size} x {size}", "{} x {}".format(*hopping.shape))
    orbitals = [int(one) for one in lead["orbitals"]]
    coupling = _matrix(lead.get("coupling", hopping), f"{field}.coupling")
    if coupling.shape != (len(orbitals), size):
        raise _wrong(f"{field}.coupling", "wrong shape", f"{len(orbitals)} x {size}",
                     "{} x {}".format(*coupling.shape))
    known = ("kind", "onsite", "hopping", "orbitals", "coupling")
    return {
        **{key: one for key, one in lead.items() if key not in known},
        "kind": "periodic",
        "orbitals": orbitals,
        "onsite": _triplets(onsite, upper=True),
        "hopping": _triplets(hopping),
        "coupling": _triplets(coupling),
    }


def from_arrays(
    h: Any,
    leads: Sequence[Mapping[str, Any]],
    parameters: Optional[Mapping[str, Any]] = None,
    **sections: Any,
) -> dict:
    """A model from matrices: ``H(X) = h + sum_x X[x] parameters[x]``.

    ``h``: Hermitian, n x n (array, nested lists or a sparse matrix of scipy). ``parameters``: the
    derivative dH/dx, n x n and Hermitian, by name. ``leads``: dicts with ``name``, and

    - ``onsite`` (m x m), ``hopping`` (m x m), ``orbitals`` (the p device orbitals touched) and, unless it
      equals ``hopping``, ``coupling`` (p x m): a periodic lead. ``hopping`` is <cell k|H|cell k+1> with
      cell k+1 further OUT, for every lead: with H(r -> r+1) = <cell r|H|cell r+1> along an axis, the right
      lead takes it as it is and the left lead takes its adjoint. ``coupling`` is <device|H|first cell>.
    - any other kind as in a model file, for example ``kind="wideband", orbitals=[0], width=0.5``.

    ``sections``: further parts of the model file (``reservoirs``, ``cycle``, ``rotor``, ``units``).
    Raises InputError that names the matrix.
    """
    matrix = _hermitian(h, "h")
    size = len(matrix)
    if size == 0:
        raise _wrong("h", "empty", "at least one orbital", "none")
    derivatives = {}
    for name, value in (parameters or {}).items():
        derivative = _hermitian(value, f"parameters.{name}")
        if len(derivative) != size:
            raise _wrong(f"parameters.{name}", "wrong size", f"{size} x {size}", f"{len(derivative)} x {len(derivative)}")
        derivatives[name] = [one for one in _triplets(derivative, upper=True) if any(one[2:])]
    described = []
    for index, lead in enumerate(leads):
        if "onsite" in lead and lead.get("kind", "periodic") == "periodic":
            for key in ("hopping", "orbitals"):
                if key not in lead:
                    raise _wrong(f"leads[{index}].{key}", "missing", "a periodic lead's matrix", "nothing")
            described.append(_periodic(lead, f"leads[{index}]"))
        else:
            described.append(dict(lead))
    return {
        "format": "nanopinwheel/1",
        "device": {
            "orbitals": size,
            "hamiltonian": [one for one in _triplets(matrix, upper=True) if any(one[2:])],
            "parameters": derivatives,
            "leads": described,
        },
        **sections,
    }


def _submatrix(system: Any, params: Mapping[str, Any]) -> np.ndarray:
    return _hermitian(system.hamiltonian_submatrix(params=dict(params)), "system")


def _close(one: np.ndarray, other: np.ndarray, scale: float) -> bool:
    return one.shape == other.shape and (one.size == 0 or float(np.abs(one - other).max()) <= 1e-10 * scale)


def from_kwant(
    system: Any,
    params: Optional[Mapping[str, Any]] = None,
    parameters: Union[Sequence[str], Mapping[str, Any]] = (),
    names: Optional[Sequence[str]] = None,
    **sections: Any,
) -> dict:
    """A model from a finalised Kwant system.

    ``params``: values of the system's own parameters. ``parameters``: what becomes X: a list of names of
    its parameters (X is then the value of that parameter, in place of the one in ``params``), or a dict that
    gives for a name either None (as in the list) or dH/dX as a matrix (X is then added to H(params)).
    ``names``: of the leads (default: left, right for two leads, else lead0, lead1, ...). ``sections``: as in
    ``from_arrays``.

    H must be linear in the parameters named, and the leads free of them: both are checked at several values,
    and refused otherwise by an InputError. Kwant's ``inter_cell_hopping()`` is
    <cell k+1|H|first orbitals of cell k> with k outward; its adjoint is the model's ``hopping`` and, on the
    orbitals of the lead's interface, its ``coupling``.
    """
    base = dict(params or {})
    given = dict(parameters) if isinstance(parameters, Mapping) else {name: None for name in parameters}
    moving = [name for name, derivative in given.items() if derivative is None]
    fixed = {**base, **{name: 0.0 for name in moving}}
    h = _submatrix(system, fixed)
    derivatives = {name: one for name, one in given.items() if one is not None}
    for name in moving:
        derivatives[name] = _submatrix(system, {**fixed, name: 1.0}) - h
    scale = max([float(np.abs(h).max()), *(float(np.abs(derivatives[name]).max()) for name in moving), 1e-300])
    # Beside each parameter alone, a point where all differ shows products of parameters.
    joint = {name: 0.37 + 0.61 * k for k, name in enumerate(moving)}
    points = [{name: value} for name in moving for value in (-1.3, 0.41, 2.7)] + ([joint] if moving else [])
    for point in points:
        linear = h + sum(value * derivatives[name] for name, value in point.items())
        if not _close(_submatrix(system, {**fixed, **point}), linear, 10 * scale):
            field = f"parameters.{next(iter(point))}" if len(point) == 1 else "parameters"
            raise _wrong(field, "H is not linear in it", "H0 + X dH/dX", f"a deviation at {point}")
    leads = [_kwant_lead(lead, fixed, index) for index, lead in enumerate(system.leads)]
    for index, lead in enumerate(system.leads if moving else []):
        other = _kwant_lead(lead, {**fixed, **joint}, index)
        if any(not np.array_equal(leads[index][key], other[key]) for key in ("onsite", "hopping")):
            raise _wrong(f"leads[{index}]", "it depends on a parameter", "leads free of the parameters", "a change")
    labels = list(names) if names is not None else ["left", "right"] if len(leads) == 2 else [
        f"lead{index}" for index in range(len(leads))]
    if len(labels) != len(leads):
        raise _wrong("names", "wrong number", f"{len(leads)} names", str(len(labels)))
    offsets = _offsets(system, fixed)
    for label, lead, interface in zip(labels, leads, system.lead_interfaces):
        lead["name"] = label
        lead["orbitals"] = [orbital for site in interface
                            for orbital in range(offsets[int(site)], offsets[int(site) + 1])]
        if len(lead["orbitals"]) != lead["coupling"].shape[0]:
            raise _wrong(f"leads.{label}", "interface and hopping differ in size",
                         f"{lead['coupling'].shape[0]} orbitals", str(len(lead["orbitals"])))
    return from_arrays(h, leads, derivatives, **sections)


def _offsets(system: Any, params: Mapping[str, Any]) -> List[int]:
    """First orbital of each site, and the number of orbitals."""
    norb = system.hamiltonian_submatrix(params=dict(params), return_norb=True)[1]
    return [0, *np.cumsum(np.asarray(norb, dtype=int)).tolist()]


def _kwant_lead(lead: Any, params: Mapping[str, Any], index: int) -> Dict[str, Any]:
    if not hasattr(lead, "inter_cell_hopping"):
        raise _wrong(f"leads[{index}]", "not a periodic lead", "an infinite system", type(lead).__name__)
    onsite = _hermitian(lead.cell_hamiltonian(params=dict(params)), f"leads[{index}].cell_hamiltonian")
    inward = _matrix(lead.inter_cell_hopping(params=dict(params)), f"leads[{index}].inter_cell_hopping")
    size, contact = inward.shape
    hopping = np.zeros((size, size), dtype=complex)
    hopping[:contact] = inward.conj().T
    return {"onsite": onsite, "hopping": hopping, "coupling": inward.conj().T}
