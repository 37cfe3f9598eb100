# A Kwant system as a device: a two-orbital wire in a field, with a gate as coordinate. Without Kwant a stand-in has the same attributes.
# Run after `npm run build` with the package of python/: python3 examples/kwant_import.py
import os
import sys
from types import SimpleNamespace

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "python"))
os.environ.setdefault("NANOPINWHEEL", os.path.join(here, "..", "dist", "cli.js"))
from nanopinwheel import Device, from_kwant  # noqa: E402

ONSITE = np.array([[0, 0.3j], [-0.3j, 0.2]])
HOP = np.array([[-1, 0.2], [-0.2, -0.8]])  # <site r|H|site r + 1>
SITES = 6


def with_kwant(kwant):
    lattice = kwant.lattice.chain(norbs=2)
    system = kwant.Builder()
    for site in range(SITES):
        system[lattice(site)] = (lambda site, gate: ONSITE + gate * np.eye(2)) if site == 3 else ONSITE
    for site in range(SITES - 1):
        system[lattice(site), lattice(site + 1)] = HOP
    lead = kwant.Builder(kwant.TranslationalSymmetry((-1,)))
    lead[lattice(0)] = ONSITE
    lead[lattice(0), lattice(1)] = HOP
    system.attach_lead(lead)
    system.attach_lead(lead.reversed())
    return system.finalized()


def stand_in():
    def matrix(params, return_norb=False):
        h = np.kron(np.eye(SITES), ONSITE) + np.kron(np.eye(SITES, k=1), HOP) + np.kron(np.eye(SITES, k=-1), HOP.conj().T)
        h[6:8, 6:8] += params["gate"] * np.eye(2)
        return (h, [2] * SITES, [2] * SITES) if return_norb else h

    # <cell k + 1|H|cell k>, k counting outward: HOP to the left, its adjoint to the right.
    leads = [
        SimpleNamespace(cell_hamiltonian=lambda params: ONSITE, inter_cell_hopping=lambda params, inward=inward: inward)
        for inward in (HOP, HOP.conj().T)
    ]
    return SimpleNamespace(hamiltonian_submatrix=matrix, leads=leads, lead_interfaces=[[0], [SITES - 1]])


try:
    import kwant

    system = with_kwant(kwant)
except ImportError:
    system = stand_in()

with Device(from_kwant(system, {"gate": 0}, ["gate"])) as device:
    gates = np.linspace(0, 1, 5)
    answers = device.map("scatter", [{"energy": -0.4, "at": {"gate": gate}} for gate in gates])
assert abs(answers[0]["transmission"]["right"]["left"] - 2) < 1e-9, "without a gate both open channels are transmitted"
for gate, answer in zip(gates, answers):
    print(f"gate {gate:.2f}: transmission {answer['transmission']['right']['left']:.6f}")
