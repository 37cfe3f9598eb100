"""Pumped charge of the Thouless chain at T = 0 with analytic dS, in three ways that an expert
might write in Python.

A tridiagonal solve with two right-hand sides gives psi = G W, and hence S = 1 - 2 pi i W^+ psi,
K = 2 pi psi^+ (dH/dtheta) psi and dS = -i S K. The charge per turn from lead a is -(1/2pi) times the
sum over theta of (S K S^+)_aa dtheta. The self-energies of the chain leads are closed forms.
"""
import numpy as np
from scipy.linalg import solve_banded
from scipy.linalg.lapack import zgtsv


class Chain:
    def __init__(self, request):
        self.sites, self.points, self.energy = request["sites"], request["points"], request["energy"]
        phase = np.pi / 2 * np.arange(1, self.sites + 1)
        self.gates = 0.4 * np.array([np.cos(phase), -np.sin(phase)])
        x = self.energy / 2
        self.sigma = x - 1j * np.sqrt(1 - x * x)
        self.w = np.sqrt(-self.sigma.imag / np.pi)
        theta = 2 * np.pi * np.arange(self.points) / self.points
        self.X = np.array([np.cos(theta), np.sin(theta)]).T
        self.V = np.array([-np.sin(theta), np.cos(theta)]).T


def charge(chain, S, K):
    """Charges from S and K, both (points, 2, 2), by way of dS as a user would form it."""
    dS = -1j * (S @ K)
    return np.einsum("pij,pij->i", dS.imag, S.real) / chain.points - np.einsum(
        "pij,pij->i", dS.real, S.imag
    ) / chain.points


def assemble(chain, psi, force, S, K, p):
    S[p] = -2j * np.pi * chain.w * psi[[0, -1]]
    S[p, 0, 0] += 1
    S[p, 1, 1] += 1
    K[p] = 2 * np.pi * (psi.conj().T * force) @ psi


def pump_banded(request):
    chain = Chain(request)
    n = chain.sites
    bands = np.ones((3, n), complex)
    rhs = np.zeros((n, 2), complex)
    rhs[0, 0] = rhs[-1, 1] = chain.w

    def call():
        S = np.empty((chain.points, 2, 2), complex)
        K = np.empty_like(S)
        for p in range(chain.points):
            bands[1] = chain.energy - chain.X[p] @ chain.gates
            bands[1, 0] -= chain.sigma
            bands[1, -1] -= chain.sigma
            psi = solve_banded((1, 1), bands, rhs, check_finite=False)
            assemble(chain, psi, chain.V[p] @ chain.gates, S, K, p)
        return charge(chain, S, K)

    return call


def pump_gtsv(request):
    chain = Chain(request)
    n = chain.sites
    off = np.ones(n - 1, complex)
    diagonal = np.empty(n, complex)
    rhs = np.zeros((n, 2), complex, order="F")
    rhs[0, 0] = rhs[-1, 1] = chain.w

    def call():
        S = np.empty((chain.points, 2, 2), complex)
        K = np.empty_like(S)
        for p in range(chain.points):
            diagonal[:] = chain.energy - chain.X[p] @ chain.gates
            diagonal[0] -= chain.sigma
            diagonal[-1] -= chain.sigma
            psi = zgtsv(off, diagonal, off, rhs, overwrite_d=1)[3]
            assemble(chain, psi, chain.V[p] @ chain.gates, S, K, p)
        return charge(chain, S, K)

    return call


def pump_vectorised(request):
    """Every array operation works on all points of the cycle: elimination down the chain and
    substitution up again, site by site."""
    chain = Chain(request)
    n, points = chain.sites, chain.points
    inverse = np.empty((n, points), complex)
    psi = np.empty((n, 2, points), complex)

    def call():
        diagonal = (chain.energy - chain.X @ chain.gates).T.astype(complex)
        force = (chain.V @ chain.gates).T
        diagonal[0] -= chain.sigma
        diagonal[-1] -= chain.sigma
        # The matrix has ones beside its diagonal, so that D_i = d_i - 1/D_(i-1). Only the left
        # column is nonzero before the last site.
        inverse[0] = 1 / diagonal[0]
        psi[0, 0] = chain.w * inverse[0]
        for i in range(1, n):
            np.subtract(diagonal[i], inverse[i - 1], out=diagonal[i])
            np.divide(1, diagonal[i], out=inverse[i])
            np.multiply(psi[i - 1, 0], inverse[i], out=psi[i, 0])
            np.negative(psi[i, 0], out=psi[i, 0])
        psi[-1, 1] = chain.w * inverse[-1]
        for i in range(n - 2, -1, -1):
            step = inverse[i] * psi[i + 1]
            psi[i, 0] -= step[0]
            np.negative(step[1], out=psi[i, 1])
        S = -2j * np.pi * chain.w * psi[[0, -1]].transpose(2, 0, 1)
        S[:, 0, 0] += 1
        S[:, 1, 1] += 1
        columns = psi.transpose(2, 0, 1)
        K = 2 * np.pi * (columns.conj() * force.T[:, :, None]).transpose(0, 2, 1) @ columns
        return charge(chain, S, K)

    return call


TASKS = {"pump_banded": pump_banded, "pump_gtsv": pump_gtsv, "pump_vectorised": pump_vectorised}
