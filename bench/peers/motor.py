"""Work, friction and noise of a whole turn of the Thouless motor at bias, and its mean current: one array operation over all angles and
energies. The window integrals of PHYSICS: fillings times K = 2 pi psi^+ L psi and P = 2 pi psi^+ L psi', L = dH/dtheta, on a fixed
Gauss-Legendre grid that is fine enough for eight digits. The sea is left out: it does no work over a turn.
"""
import numpy as np


def motor(request):
    n, angles, t = request["sites"], request["angles"], request["temperature"]
    mu = np.array(request["mu"])
    theta = 2 * np.pi * np.arange(angles) / angles
    phase = np.pi / 2 * np.arange(1, n + 1)
    onsite = 0.4 * np.cos(theta[:, None] + phase)
    force = -0.4 * np.sin(theta[:, None] + phase)
    nodes, weights = np.polynomial.legendre.leggauss(request["nodes"])
    edges = np.linspace(mu.min() - 37 * t, mu.max() + 37 * t, request["panels"] + 1)
    half = np.diff(edges) / 2
    energy = ((edges[:-1] + half)[:, None] + half[:, None] * nodes).ravel()
    weight = (half[:, None] * weights).ravel()

    def call():
        x = energy / 2
        root = np.sqrt(1 - x * x)
        sigma = x - 1j * root
        d_sigma = -(sigma**2) / (1 - sigma**2)
        w = np.sqrt(root / np.pi)
        d_w = -d_sigma.imag / (2 * np.pi * w)
        f = 1 / (np.exp((energy - mu[:, None]) / t) + 1)
        slope = f * (1 - f) / t
        reference = 1 / (np.exp((energy - mu.mean()) / t) + 1)
        totals = np.zeros(4)
        # Some angles at a time: the arrays stay in the cache.
        for first in range(0, angles, request["block"]):
            part = slice(first, first + request["block"])
            h, force_here = onsite[part].T[:, :, None], force[part].T[:, :, None]
            diagonal = (energy - h).astype(complex)
            diagonal[0] -= sigma
            diagonal[-1] -= sigma
            inverse = np.empty_like(diagonal)
            inverse[0] = 1 / diagonal[0]
            for i in range(1, n):
                inverse[i] = 1 / (diagonal[i] - inverse[i - 1])
            # psi of both leads: the right side has one element each.
            psi = np.empty((2,) + diagonal.shape, complex)
            psi[0, 0] = w * inverse[0]
            for i in range(1, n):
                psi[0, i] = -psi[0, i - 1] * inverse[i]
            psi[1, -1] = w * inverse[-1]
            for i in range(n - 2, -1, -1):
                psi[0, i] -= inverse[i] * psi[0, i + 1]
                psi[1, i] = -inverse[i] * psi[1, i + 1]
            # psi' = G (W' - (1 - Sigma') psi)
            d_psi = -psi
            for end in (0, -1):
                d_psi[:, end] += d_sigma * psi[:, end]
            d_psi[0, 0] += d_w
            d_psi[1, -1] += d_w
            d_psi[:, 0] *= inverse[0]
            for i in range(1, n):
                d_psi[:, i] = (d_psi[:, i] - d_psi[:, i - 1]) * inverse[i]
            for i in range(n - 2, -1, -1):
                d_psi[:, i] -= inverse[i] * d_psi[:, i + 1]
            left = 2 * np.pi * psi.conj() * force_here
            K = np.einsum("aite,bite->abte", left, psi)
            P = np.einsum("aite,bite->abte", left, d_psi)
            S_LR = -2j * np.pi * w * psi[1, 0]
            torque = noise = friction = 0
            for a in range(2):
                torque = torque - (f[a] - reference) * K[a, a].real
                for b in range(2):
                    square = np.abs(K[a, b]) ** 2
                    noise = noise + f[a] * (1 - f[b]) * square
                    friction = friction + f[a] * slope[b] * square
                    # P_ab K_ba + K_ab conj(P_ab): twice the real part of P_ab conj(K_ab)
                    friction = friction + 2 * f[a] * (1 - f[b]) * (P[a, b] * K[a, b].conj()).real
            current = np.abs(S_LR) ** 2 * (f[0] - f[1])
            totals += [np.sum(quantity @ weight) for quantity in (torque, friction, noise, current)]
        work, friction, noise, current = totals / angles
        return [work, friction, noise, current / (2 * np.pi)]

    return call


TASKS = {"motor": motor}
