"""MUMPS (https://mumps-solver.org), sequential and complex, through a few lines of C.

They are compiled when this module is imported, which needs a C compiler and the library's headers
(Debian and Ubuntu: libmumps-seq-dev). Without them the import fails, and the bench leaves MUMPS out.
"""
import ctypes
import subprocess
import tempfile
from pathlib import Path

import numpy as np


def compiled():
    source = Path(__file__).with_suffix(".c")
    with tempfile.TemporaryDirectory() as directory:
        library = Path(directory) / "mumps.so"
        command = ["cc", "-O2", "-shared", "-fPIC", str(source), "-o", str(library), "-lzmumps_seq"]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise ImportError("no C compiler or no library libzmumps_seq with headers") from error
        return ctypes.CDLL(str(library))


LIBRARY = compiled()
LIBRARY.mumps_new.restype = ctypes.c_void_p

# Orders that this version may offer: approximate minimum degree, SCOTCH, PORD, METIS.
ORDERS = {"AMD": 0, "SCOTCH": 3, "PORD": 4, "METIS": 5}


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


class Factors:
    """Factors of matrices of one pattern, in the order that is predicted to need the fewest operations."""

    def __init__(self, matrix):
        """The pattern and the first values, as a sparse matrix of scipy with sorted columns."""
        entries = matrix.tocoo()
        self.n = matrix.shape[0]
        self.rows = (entries.row + 1).astype(np.int32)
        self.columns = (entries.col + 1).astype(np.int32)
        values = np.ascontiguousarray(entries.data, complex)
        found = {}
        for name, order in ORDERS.items():
            handle = ctypes.c_void_p(LIBRARY.mumps_new())
            flops = ctypes.c_double()
            status = LIBRARY.mumps_analyse(
                handle,
                self.n,
                ctypes.c_int64(len(values)),
                pointer(self.rows),
                pointer(self.columns),
                pointer(values),
                order,
                ctypes.byref(flops),
            )
            # A status above 0 is a warning: the order is not in this build, and another one was taken.
            if status == 0:
                found[name] = (flops.value, handle)
            else:
                LIBRARY.mumps_free(handle)
        self.order = min(found, key=lambda name: found[name][0])
        self.flops, self.handle = found.pop(self.order)
        for _, handle in found.values():
            LIBRARY.mumps_free(handle)

    def solve(self, matrix, right):
        """The solutions for the columns of `right` and a matrix of the pattern given first."""
        values = np.ascontiguousarray(matrix.tocoo().data, complex)
        out = np.array(right, complex, order="F")
        self.check(LIBRARY.mumps_factor(self.handle, pointer(values)))
        self.check(LIBRARY.mumps_solve(self.handle, pointer(out), out.shape[1]))
        return out

    @staticmethod
    def check(status):
        if status < 0:
            raise RuntimeError(f"MUMPS ended with status {status}")
