# Friction and force over a grid of two gates, and a trajectory in them, with the package of python/.
# Run after `npm run build`: python3 examples/friction_scan.py
import os
import sys
import time

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "..", "python"))
os.environ.setdefault("NANOPINWHEEL", os.path.join(here, "..", "dist", "cli.js"))
from nanopinwheel import Device, from_arrays  # noqa: E402

SITES = 64
h = -np.eye(SITES, k=1) - np.eye(SITES, k=-1)
gate = {name: np.diag(np.exp(-((np.arange(SITES) - at) ** 2) / 8)) for name, at in (("x", 28), ("y", 34))}
cell = {"onsite": [[0]], "hopping": [[-1]]}
ends = [{"name": name, "orbitals": [at], **cell} for name, at in (("left", 0), ("right", SITES - 1))]
reservoirs = {name: {"chemicalPotential": mu, "temperature": 0.02} for name, mu in (("left", -0.5), ("right", -0.6))}

with Device(from_arrays(h, ends, gate, reservoirs=reservoirs), workers=2) as device:
    # A scan: all configurations are sent at once.
    x, y = (axis.ravel() for axis in np.meshgrid(np.linspace(0.1, 0.9, 20), np.linspace(0.1, 0.9, 20)))
    device.forces(tolerance=1e-4)
    start = time.perf_counter()
    scan = device.forces_at({"x": x, "y": y}, tolerance=1e-4)
    rate = len(x) / (time.perf_counter() - start)
    trace = np.trace(scan["friction"], axis1=1, axis2=2)
    print(f"friction from {trace.min():.4f} to {trace.max():.4f}; {rate:.0f} configurations per second", file=sys.stderr)
    assert (np.linalg.eigvalsh((scan["noise"] + scan["noise"].transpose(0, 2, 1)) / 2) > -1e-9).all()

    # Molecular dynamics: velocity Verlet with springs, one question per step.
    mass, spring, step, rest = 30, 4, 0.3, np.array([0.5, 0.5])
    position, velocity = np.array([0.6, 0.45]), np.zeros(2)

    def acceleration(position, velocity):
        electrons = device.forces(at=dict(zip("xy", position)), tolerance=1e-6)
        pull = spring * (rest - position) + electrons["force"] - electrons["friction"] @ velocity
        return pull / mass

    push = acceleration(position, velocity)
    for count in range(1, 201):
        velocity = velocity + step / 2 * push
        position = position + step * velocity
        push = acceleration(position, velocity)
        velocity = velocity + step / 2 * push
        if count % 50 == 0:
            print(f"{count * step:6.1f}  {position[0]:.6f}  {position[1]:.6f}")
