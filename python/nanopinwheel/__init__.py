"""Adiabatic quantum motors and pumps: scattering, forces, pumped charge, motors, as numpy arrays.

The numbers are computed by the ``nanopinwheel`` command (Node), which one process of ``serve``
keeps ready. Signs, units and index orders are those of the project's CONVENTIONS.md.
"""

from .device import Device
from .errors import InputError, NumericalError, ServerError
from .models import from_arrays, from_kwant

__all__ = ["Device", "InputError", "NumericalError", "ServerError", "from_arrays", "from_kwant"]
__version__ = "0.1.0"
