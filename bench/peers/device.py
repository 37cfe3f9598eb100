"""S and its derivatives for any model file with explicit matrices: SuperLU of scipy or MUMPS on the
whole E - H - Sigma, or block LU on numpy's LAPACK over the slices that the request names.

Self-energies of periodic leads come from the decimation of Lopez Sancho and others. They are made
before the timing, or within it if the request says `leads`. W is made from the eigenvectors of
i (Sigma - Sigma^+) with eigenvalues above rounding.
"""
import numpy as np
from scipy.sparse import coo_matrix, diags, identity
from scipy.sparse.linalg import splu

# Imaginary part of the energy in the decimation; it limits agreement to about 1e-8.
ETA = 1e-10
# Eigenvalues of Gamma below this part of the largest one are closed channels.
CLOSED = 1e-6


def matrix(triplets, shape, hermitian):
    """A sparse matrix from [row, column, re, im?], completed by Hermiticity if asked."""
    out = coo_matrix(
        (
            [t[2] + 1j * (t[3] if len(t) > 3 else 0) for t in triplets],
            ([t[0] for t in triplets], [t[1] for t in triplets]),
        ),
        shape=shape,
        dtype=complex,
    ).tocsc()
    if not hermitian:
        return out
    return out + (out - diags(out.diagonal())).conj().T


def surface_green(onsite, hopping, energy):
    """The Green's function of the first cell, by decimation: every step removes every second cell."""
    z = (energy + 1j * ETA) * np.eye(len(onsite))
    surface, bulk, forth, back = onsite, onsite, hopping, hopping.conj().T
    for _ in range(60):
        inverse = np.linalg.inv(z - bulk)
        a, b = forth @ inverse, back @ inverse
        surface = surface + a @ back
        bulk = bulk + a @ back + b @ forth
        forth, back = a @ forth, b @ back
        if np.abs(forth).max() * np.abs(back).max() < 1e-28:
            break
    return np.linalg.inv(z - surface)


def self_energy(lead, energy):
    """Sigma on the lead's orbitals, and W with a column per open channel."""
    n = len(lead["orbitals"])
    if lead["kind"] == "wideband":
        gamma = np.diag(np.broadcast_to(np.asarray(lead["width"], float), n)).astype(complex)
        sigma = -0.5j * gamma
    else:
        onsite = matrix(lead["onsite"], (n, n), True).toarray()
        hopping = matrix(lead["hopping"], (n, n), False).toarray()
        sigma = hopping @ surface_green(onsite, hopping, energy) @ hopping.conj().T
        gamma = 1j * (sigma - sigma.conj().T)
    values, vectors = np.linalg.eigh(gamma)
    is_open = values > CLOSED * values.max()
    return sigma, vectors[:, is_open] * np.sqrt(values[is_open] / (2 * np.pi))


def device(request):
    model, energy = request["model"]["device"], request["energy"]
    n = model["orbitals"]
    hamiltonian = matrix(model["hamiltonian"], (n, n), True)
    gates = [matrix(triplets, (n, n), True).tocsr() for triplets in model["parameters"].values()]
    bare = energy * identity(n, format="csc") - hamiltonian
    if request.get("mumps"):
        solve = by_mumps()
    elif "slices" in request:
        solve = by_blocks(request["slices"])
    else:
        solve = by_superlu()

    def ends():
        """E - H - Sigma, all columns of W, and the number of channels of the first lead."""
        found = [self_energy(lead, energy) for lead in model["leads"]]
        rows, columns, values = [], [], []
        W = np.zeros((n, sum(w.shape[1] for _, w in found)), complex)
        at = 0
        for lead, (sigma, w) in zip(model["leads"], found):
            orbitals = np.asarray(lead["orbitals"])
            i, j = np.nonzero(sigma)
            rows.append(orbitals[i])
            columns.append(orbitals[j])
            values.append(sigma[i, j])
            W[orbitals, at : at + w.shape[1]] += w
            at += w.shape[1]
        total = coo_matrix(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), (n, n)
        ).tocsc()
        return (bare - total).tocsc(), W, found[0][1].shape[1]

    given = None if request.get("leads") else ends()

    def call():
        A, W, first = given or ends()
        psi = solve(A, W)
        S = np.eye(W.shape[1]) - 2j * np.pi * (W.conj().T @ psi)
        dS = [-2j * np.pi * (S @ (psi.conj().T @ (gate @ psi))) for gate in gates]
        return [np.sum(np.abs(S[:first, first:]) ** 2)] + [np.linalg.norm(d) for d in dS]

    return call


def by_superlu():
    """SuperLU in the order with the least fill of those that scipy offers, found at the first call."""
    ordering = None

    def solve(A, W):
        nonlocal ordering
        if ordering is None:
            fill = {o: splu(A, permc_spec=o).nnz for o in ("COLAMD", "MMD_AT_PLUS_A")}
            ordering = min(fill, key=fill.get)
        return splu(A, permc_spec=ordering).solve(W)

    return solve


def by_mumps():
    """MUMPS in the best of its orders, found at the first call."""
    import mumps_factors

    factors = None

    def solve(A, W):
        nonlocal factors
        if factors is None:
            factors = mumps_factors.Factors(A)
        return factors.solve(A, W)

    return solve


def by_blocks(starts):
    """Block LU of a matrix that is block tridiagonal in the slices [starts[i], starts[i+1])."""
    parts = [slice(a, b) for a, b in zip(starts[:-1], starts[1:])]

    def solve(A, W):
        rows = A.tocsr()
        inverses, psi = [], W.copy()
        for i, part in enumerate(parts):
            d = rows[part, part].toarray()
            if i > 0:
                down = rows[part, parts[i - 1]]
                step = down @ inverses[-1]
                d -= step @ rows[parts[i - 1], part]
                psi[part] -= step @ psi[parts[i - 1]]
            inverses.append(np.linalg.inv(d))
        psi[parts[-1]] = inverses[-1] @ psi[parts[-1]]
        for i in range(len(parts) - 2, -1, -1):
            psi[parts[i]] = inverses[i] @ (psi[parts[i]] - rows[parts[i], parts[i + 1]] @ psi[parts[i + 1]])
        return psi

    return solve


TASKS = {"device": device}
