"""S of the disordered ribbon and its derivatives by gates that divide its length, by block LU on
numpy's LAPACK.

`flux` is the phase of the hopping around a plaquette of the device. The lead's modes, self-energy
and W are made before the timing. The hopping between slices is -1, so that the Schur update
D_i = E - H_i - D_(i-1)^-1 needs no product. The inverses are kept and applied only to the open lead
modes.
"""
import numpy as np


def ribbon(request):
    width, length, gates, energy = (request[k] for k in ("width", "length", "gates", "energy"))
    x, y = np.arange(length)[:, None], np.arange(width)[None, :]
    wave = np.abs(np.sin(12.9898 * (x + 1) + 78.233 * (y + 1)) * 437.5453)
    onsite = 4 + 0.5 * (wave - np.floor(wave) - 0.5)
    j = np.arange(1, width + 1)
    modes = np.sqrt(2 / (width + 1)) * np.sin(np.pi * np.outer(j, j) / (width + 1))
    e = (energy - 4 + 2 * np.cos(np.pi * j / (width + 1))) / 2
    root = np.sqrt(np.abs(1 - e * e))
    with np.errstate(divide="ignore"):
        g = np.where(np.abs(e) < 1, e - 1j * root, 1 / (e + np.sign(e) * root))
    sigma = (modes * g) @ modes.T
    open_modes = np.abs(e) < 1
    W = modes[:, open_modes] * np.sqrt(-g.imag[open_modes] / np.pi)
    m = W.shape[1]
    cuts = [k * length // gates if gates else 0 for k in range(gates + 1)]
    slices = np.zeros((length, width, width), complex)
    index = np.arange(width)
    for s in range(length):
        slices[s, index, index] = energy - onsite[s]
        bond = np.exp(1j * request.get("flux", 0) * s)
        slices[s, index[:-1], index[1:]] = bond
        slices[s, index[1:], index[:-1]] = bond.conjugate()
    slices[0] -= sigma
    slices[-1] -= sigma
    inverses = np.empty_like(slices)
    psi = np.empty((length, width, 2 * m), complex)

    def call():
        # The left columns fill during the elimination. The right ones are nonzero on the last slice
        # only.
        inverses[0] = np.linalg.inv(slices[0])
        psi[0, :, :m] = W
        for s in range(1, length):
            psi[s, :, :m] = -(inverses[s - 1] @ psi[s - 1, :, :m])
            inverses[s] = np.linalg.inv(slices[s] - inverses[s - 1])
        psi[-1, :, m:] = W
        psi[-1] = inverses[-1] @ psi[-1]
        for s in range(length - 2, -1, -1):
            right = -psi[s + 1]
            right[:, :m] += psi[s, :, :m]
            np.matmul(inverses[s], right, out=psi[s])
        S = -2j * np.pi * np.concatenate([W.T @ psi[0], W.T @ psi[-1]])
        S[np.arange(2 * m), np.arange(2 * m)] += 1
        dS = []
        for nu in range(gates):
            part = psi[cuts[nu] : cuts[nu + 1]].reshape(-1, 2 * m)
            dS.append(-2j * np.pi * (S @ (part.conj().T @ part)))
        return [np.sum(np.abs(S[:m, m:]) ** 2)] + [np.linalg.norm(d) for d in dS]

    return call


TASKS = {"ribbon": ribbon}
