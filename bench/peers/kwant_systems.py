"""The chain, the ribbons and other devices of slices in Kwant (https://kwant-project.org), for machines on
which it can be imported.

S comes from kwant.smatrix. The derivatives are as exact as Kwant allows, without finite
differences: its scattering wave functions, normalised to unit current, are sqrt(2 pi) psi, so that
K = psi^+ (dH/dX) psi and dS = -i S K. The modes of the leads are precalculated, so that S and the
wave functions have the same phases, and are not timed. The solver is Kwant's default: MUMPS if it
is installed, otherwise SuperLU.
"""
import kwant
import numpy as np

from chain import Chain, charge

VERSIONS = {"kwant": kwant.__version__}


def with_leads(system, lattice, cell, vectors, energy):
    """The finalised system with a lead of the cell `cell` along each vector, and with the leads'
    modes at the energy."""
    for vector in vectors:
        lead = kwant.Builder(kwant.TranslationalSymmetry(vector))
        for site, onsite in cell:
            lead[site] = onsite
        lead[lattice.neighbors()] = -1
        system.attach_lead(lead)
    return system.finalized().precalculate(energy, what="modes")


def scattering_states(system, energy, params):
    """Scattering states of both leads, orbitals x channels."""
    states = kwant.wave_function(system, energy, params=params)
    return np.concatenate([states(0), states(1)]).T


def pump(request):
    turn = Chain(request)
    lattice = kwant.lattice.chain(norbs=1)
    system = kwant.Builder()
    gates = turn.gates

    def onsite(site, x, y):
        n = site.tag[0]
        return x * gates[0, n] + y * gates[1, n]

    system[(lattice(n) for n in range(turn.sites))] = onsite
    system[lattice.neighbors()] = -1
    system = with_leads(system, lattice, [(lattice(0), 0)], [(-1,), (1,)], turn.energy)
    order = np.array([site.tag[0] for site in system.sites])

    def call():
        S = np.empty((turn.points, 2, 2), complex)
        K = np.empty_like(S)
        for p in range(turn.points):
            params = {"x": turn.X[p, 0], "y": turn.X[p, 1]}
            S[p] = kwant.smatrix(system, turn.energy, params=params).data
            psi = scattering_states(system, turn.energy, params)
            K[p] = (psi.conj().T * (turn.V[p] @ gates)[order]) @ psi
        return charge(turn, S, K)

    return call


def ribbon(request):
    width, length, gates, energy, flux = (request[k] for k in ("width", "length", "gates", "energy", "flux"))
    x, y = np.arange(length)[:, None], np.arange(width)[None, :]
    wave = np.abs(np.sin(12.9898 * (x + 1) + 78.233 * (y + 1)) * 437.5453)
    onsite = 4 + 0.5 * (wave - np.floor(wave) - 0.5)
    lattice = kwant.lattice.square(norbs=1)
    system = kwant.Builder()
    for i in range(length):
        for j in range(width):
            system[lattice(i, j)] = onsite[i, j]
    system[lattice.neighbors()] = -1
    for i in range(length):
        for j in range(width - 1):
            system[lattice(i, j), lattice(i, j + 1)] = -np.exp(1j * flux * i)
    system = with_leads(system, lattice, [(lattice(0, j), 4) for j in range(width)], [(-1, 0), (1, 0)], energy)
    slices = np.array([site.tag[0] for site in system.sites])
    cuts = [k * length // gates if gates else 0 for k in range(gates + 1)]
    covered = [(slices >= cuts[k]) & (slices < cuts[k + 1]) for k in range(gates)]

    def call():
        smatrix = kwant.smatrix(system, energy)
        S = smatrix.data
        dS = []
        if gates:
            psi = scattering_states(system, energy, None)
            dS = [-1j * S @ (psi[rows].conj().T @ psi[rows]) for rows in covered]
        return [smatrix.transmission(1, 0)] + [np.linalg.norm(d) for d in dS]

    return call


def device(request):
    """Any model file with explicit matrices whose periodic leads continue the first and the last
    `cell` columns of `rows` orbitals each."""
    model, energy = request["model"]["device"], request["energy"]
    rows, cell, known = request["rows"], request["cell"], not request["leads"]
    lattice = kwant.lattice.square(norbs=1)
    system = kwant.Builder()
    fill(system, model["hamiltonian"], lambda i: lattice(*divmod(i, rows)))
    for lead, step in zip(model["leads"], (-cell, cell)):
        builder = kwant.Builder(kwant.TranslationalSymmetry((step, 0)))
        sites = [divmod(i, rows) for i in lead["orbitals"]]
        fill(builder, lead["onsite"], lambda i: lattice(*sites[i]))
        for i, j, *value in lead["hopping"]:
            column, row = sites[j]
            builder[lattice(*sites[i]), lattice(column + step, row)] = complex(*value)
        system.attach_lead(builder)
    system = system.finalized()
    if known:
        system = system.precalculate(energy, what="modes")
    index = np.array([site.tag[0] * rows + site.tag[1] for site in system.sites])
    gates = []
    for triplets in model["parameters"].values():
        diagonal = np.zeros(model["orbitals"])
        diagonal[[i for i, *_ in triplets]] = [value for _, _, value in triplets]
        gates.append(diagonal[index, None])

    def call():
        # Without precalculated modes S and the wave functions would each compute the leads, and with
        # phases of their own.
        here = system if known else system.precalculate(energy, what="modes")
        smatrix = kwant.smatrix(here, energy)
        psi = scattering_states(here, energy, None)
        dS = [-1j * smatrix.data @ (psi.conj().T @ (gate * psi)) for gate in gates]
        return [smatrix.transmission(0, 1)] + [np.linalg.norm(d) for d in dS]

    return call


def fill(builder, triplets, site):
    """On-site energies first: a hopping needs both of its sites. Sites that no triplet names have 0."""
    for i in sorted({k for a, b, *_ in triplets for k in (a, b)}):
        builder[site(i)] = 0
    for i, j, *value in triplets:
        if i == j:
            builder[site(i)] = complex(*value)
        else:
            builder[site(i), site(j)] = complex(*value)


TASKS = {"kwant-pump": pump, "kwant-ribbon": ribbon, "kwant-device": device}
