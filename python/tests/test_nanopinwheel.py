"""The package against numpy, on the real server. Run: NANOPINWHEEL=dist/cli.js python3 -m unittest discover python/tests"""

import gc
import json
import subprocess
import time
import unittest

import numpy as np

import nanopinwheel
from nanopinwheel import Device, InputError, NumericalError, ServerError, from_arrays, from_kwant
from nanopinwheel.server import command_line

ENERGY = 0.17


def hermitian(random, size):
    matrix = random.normal(size=(size, size)) + 1j * random.normal(size=(size, size))
    return (matrix + matrix.conj().T) / 2


def surface(energy, onsite, hopping):
    """Surface Green's function by decimation at a small imaginary part, for <cell k|H|cell k+1>."""
    z = (energy + 1e-9j) * np.eye(len(onsite))
    bulk, edge, out, back = onsite.copy(), onsite.copy(), hopping.copy(), hopping.conj().T.copy()
    for _ in range(60):
        g = np.linalg.inv(z - bulk)
        edge = edge + out @ g @ back
        bulk = bulk + out @ g @ back + back @ g @ out
        out, back = out @ g @ out, back @ g @ back
    return np.linalg.inv(z - edge)


def transmissions(energy, h, leads):
    """T[a, b], into lead a from lead b, by the formula of Fisher and Lee."""
    sigmas = []
    for lead in leads:
        sigma = np.zeros_like(h)
        place = np.ix_(lead["orbitals"], lead["orbitals"])
        coupling = lead.get("coupling", lead["hopping"])
        sigma[place] = coupling @ surface(energy, lead["onsite"], lead["hopping"]) @ coupling.conj().T
        sigmas.append(sigma)
    g = np.linalg.inv(energy * np.eye(len(h)) - h - sum(sigmas))
    gammas = [1j * (sigma - sigma.conj().T) for sigma in sigmas]
    return np.array([[np.trace(a @ g @ b @ g.conj().T).real for b in gammas] for a in gammas])


def three_leads(seed=1):
    """A complex device of nine orbitals with three periodic leads of complex cells."""
    random = np.random.default_rng(seed)
    h = hermitian(random, 9)
    leads = [
        {
            "name": name,
            "orbitals": orbitals,
            "onsite": hermitian(random, size),
            "hopping": random.normal(size=(size, size)) + 1j * random.normal(size=(size, size)),
            "coupling": random.normal(size=(len(orbitals), size)) + 1j * random.normal(size=(len(orbitals), size)),
        }
        for name, orbitals, size in (("a", [0, 1], 2), ("b", [3, 4, 5], 2), ("c", [8], 3))
    ]
    return h, leads, {"x": hermitian(random, 9), "y": hermitian(random, 9)}


class Scattering(unittest.TestCase):
    def test_three_periodic_leads_against_numpy(self):
        checked = 0
        for seed in range(4):
            h, leads, parameters = three_leads(seed)
            at = {"x": 0.3, "y": -0.2}
            with Device(from_arrays(h, leads, parameters)) as device:
                answer = device.scatter(energy=ENERGY, at=at)
            full = h + sum(at[name] * parameters[name] for name in at)
            expected = transmissions(ENERGY, full, leads)
            for a, row in enumerate(leads):
                for b, column in enumerate(leads):
                    if a != b and row["name"] in answer["transmission"]:
                        found = answer["transmission"][row["name"]].get(column["name"], 0)
                        self.assertAlmostEqual(found, expected[a, b], delta=2e-6)
                        checked += found > 1e-3
            s = answer["S"]
            self.assertEqual(s.dtype, complex)
            np.testing.assert_allclose(s.conj().T @ s, np.eye(len(s)), atol=1e-12)
            for name in ("x", "y"):
                # -2 pi i S K with K Hermitian: S^+ dS is antihermitian.
                k = s.conj().T @ answer["dS"][name]
                np.testing.assert_allclose(k, -k.conj().T, atol=1e-9 * np.abs(k).max())
        self.assertGreater(checked, 5)

    def test_derivative_is_that_of_differences(self):
        h, leads, parameters = three_leads(2)
        step = 1e-5
        with Device(from_arrays(h, leads, parameters)) as device:
            low, middle, high = device.map(
                "scatter", [{"energy": ENERGY, "at": {"x": 0.1 + k * step}} for k in (-1, 0, 1)]
            )
        difference = (high["S"] - low["S"]) / (2 * step)
        np.testing.assert_allclose(middle["dS"]["x"], difference, atol=1e-6 * max(1, np.abs(difference).max()))


class KwantLead:
    """What a finalised lead of Kwant has: sites of a cell, those with a hopping outward first."""

    def __init__(self, onsite, inward):
        self.onsite, self.inward = onsite, inward

    def cell_hamiltonian(self, args=(), sparse=False, *, params=None):
        return self.onsite

    def inter_cell_hopping(self, args=(), sparse=False, *, params=None):
        return self.inward


class KwantSystem:
    """What a finalised system of Kwant has: here two sites of two orbitals and three of one."""

    norb = [2, 1, 2, 1, 1]

    def __init__(self, of, leads, interfaces):
        self.of, self.leads, self.lead_interfaces = of, leads, interfaces

    def hamiltonian_submatrix(self, args=(), to_sites=None, from_sites=None, sparse=False, return_norb=False, *,
                              params=None):
        matrix = self.of(**params)
        return (matrix, np.array(self.norb), np.array(self.norb)) if return_norb else matrix


class Kwant(unittest.TestCase):
    def system(self, of=None):
        random = np.random.default_rng(5)
        h, gate = hermitian(random, 7), np.diag([0, 0, 1.0, 0, 0, 0, 0])
        leads, interfaces = [], [[1, 0], [3, 4]]
        for contact, size in ((3, 4), (2, 2)):
            inward = 2 * (random.normal(size=(size, contact)) + 1j * random.normal(size=(size, contact)))
            leads.append(KwantLead(hermitian(random, size), inward))
        made = of or (lambda v, b=0.0: h + v * gate + b * np.eye(7))
        return KwantSystem(made, leads, interfaces), h, gate

    def test_transmission_with_the_lead_s_direction(self):
        system, h, gate = self.system()
        model = from_kwant(system, {"v": 9.0, "b": 0.1}, ["v"])
        energies = [-1.1, -0.4, 0.3, 0.9]
        with Device(model) as device:
            answers = device.map("scatter", [{"energy": energy, "at": {"v": 0.4}} for energy in energies])
        open_ones = 0
        for energy, answer in zip(energies, answers):
            value = self.transmission(system, energy, h + 0.1 * np.eye(7) + 0.4 * gate)
            found = answer["transmission"].get("right", {}).get("left", 0)
            self.assertAlmostEqual(found, value, delta=1e-3 * value + 1e-4)
            open_ones += value > 0.01
        self.assertGreater(open_ones, 0)

    @staticmethod
    def transmission(system, energy, h):
        """From left to right, with cells of the leads added one after the other as Kwant describes them.

        The absorption far outside fades away inward, so that nothing is reflected: no convention of the
        model file is part of it.
        """
        sigmas = []
        for lead, place in zip(system.leads, ([2, 0, 1], [5, 6])):
            size, contact = lead.inward.shape
            cells, eta = 3000, 3.0
            sigma = np.zeros((size, size), dtype=complex)
            for k in range(cells, -1, -1):
                absorbing = energy + 1j * eta * (k / cells) ** 3
                g = np.linalg.inv(absorbing * np.eye(size) - lead.onsite - sigma)
                sigma[:contact, :contact] = lead.inward.conj().T @ g @ lead.inward
            full = np.zeros((7, 7), dtype=complex)
            full[np.ix_(place, place)] = sigma[:contact, :contact]
            sigmas.append(full)
        g = np.linalg.inv(energy * np.eye(7) - h - sum(sigmas))
        left, right = (1j * (sigma - sigma.conj().T) for sigma in sigmas)
        return np.trace(right @ g @ left @ g.conj().T).real

    def test_what_is_not_linear_is_refused(self):
        h = np.eye(7)
        system = self.system(lambda v: h * v**2)[0]
        with self.assertRaises(InputError) as caught:
            from_kwant(system, {}, ["v"])
        self.assertEqual(caught.exception.field, "parameters.v")
        product = self.system(lambda v, w: h * v * w)[0]
        with self.assertRaises(InputError):
            from_kwant(product, {}, ["v", "w"])

    def test_a_matrix_as_derivative_is_added_to_the_system(self):
        system, h, gate = self.system()
        by_name, by_matrix = from_kwant(system, {"v": 0}, ["v"]), from_kwant(system, {"v": 0}, {"v": gate})
        self.assertEqual(by_name, by_matrix)


def chain(sites=64):
    h = np.diag(np.full(sites - 1, -1.0), 1)
    x, y = (np.diag(np.exp(-((np.arange(sites) - c) ** 2) / 8)) for c in (21, 42))
    ends = [{"name": name, "kind": "chain", "orbital": end, "onsite": 0, "hopping": 1, "coupling": 1}
            for name, end in (("left", 0), ("right", sites - 1))]
    reservoirs = {"left": {"chemicalPotential": -0.5, "temperature": 0.02},
                  "right": {"chemicalPotential": -0.6, "temperature": 0.02}}
    cycle = {"x": {"mean": 0.5, "cos": [0.4]}, "y": {"mean": 0.5, "sin": [0.4]}}
    return from_arrays(h + h.T, ends, {"x": x, "y": y}, reservoirs=reservoirs, cycle=cycle,
                       rotor={"inertia": 5, "load": 0, "friction": 1})


class Questions(unittest.TestCase):
    def test_forces_have_the_bits_of_the_library(self):
        model = chain()
        request = {"at": {"x": 0.3, "y": 0.7}, "tolerance": 1e-6}
        raw = subprocess.run([*command_line(), "forces", "--at", "x=0.3,y=0.7", "--tolerance", "1e-6", "--json", "-"],
                             input=json.dumps(model), capture_output=True, text=True, check=True).stdout
        library = json.loads(raw)
        with Device(model) as device:
            answer = device.forces(**request)
        self.assertEqual(answer["force"].tolist(), library["force"])
        self.assertEqual(answer["friction"].tolist(), library["friction"])
        self.assertEqual(answer["current"], library["current"])

    def test_arrays_of_configurations_on_workers(self):
        x = np.linspace(0, 1, 60)
        with Device(chain(), workers=2) as device:
            many = device.forces_at({"x": x, "y": 0.5}, tolerance=1e-4)
            self.assertEqual(many["friction"].shape, (60, 2, 2))
            self.assertEqual(many["current"]["left"].shape, (60,))
            one = device.forces(at={"x": x[17], "y": 0.5}, tolerance=1e-4)
        np.testing.assert_array_equal(many["force"][17], one["force"])
        np.testing.assert_allclose(many["current"]["left"] + many["current"]["right"], 0, atol=1e-9)

    def test_every_question_answers(self):
        with Device(chain(12)) as device:
            self.assertAlmostEqual(sum(device.pump(energy=-0.5)["charge"].values()), 0, places=10)
            motor = device.motor(tolerance=1e-3)
            self.assertIsInstance(motor["curve"]["torque"], np.ndarray)
            self.assertEqual(device.turn_curve(tolerance=1e-3)["theta"].ndim, 1)
            self.assertIn("figureOfMerit", device.linear_response(energy=-0.5))
            grid = device.curvature(parameters=["x", "y"], first=np.array([0.1, 0.2]), second=[0.3], energy=-0.5)
            self.assertEqual(grid["curvature"]["left"].size, 2)
            self.assertEqual(device.scattering_matrix(energy=-0.5)["S"].shape, (2, 2))
            self.assertIn("meanVelocity", device.simulate(time=5, trajectories=2, seed=1, tolerance=1e-3))
            self.assertTrue(device.rectified(capacitances={"x": 1, "y": 0.5}, energy=-0.5))

    def test_errors_name_the_field_and_the_device_goes_on(self):
        with Device(chain(12)) as device:
            with self.assertRaises(InputError) as caught:
                device.forces(at={"z": 1})
            self.assertEqual(caught.exception.field, "at.z")
            with self.assertRaises(InputError) as caught:
                device.map("forces", [{}, {"tolerance": -1}])
            self.assertEqual((caught.exception.field, caught.exception.index), ("tolerance", 1))
            with self.assertRaises(InputError):
                device.forces(at={"x": float("nan")})
            with self.assertRaises(NumericalError):
                device.pump(tolerance=1e-10, budget=1)
            self.assertIn("force", device.forces(tolerance=1e-3))
        with self.assertRaises(ServerError):
            device.forces()

    def test_a_wrong_model_is_named(self):
        model = chain(12)
        model["device"]["leads"][0]["orbital"] = 99
        with self.assertRaises(InputError) as caught, Device(model) as device:
            device.forces()
        self.assertEqual(caught.exception.field, "device.leads[0].orbital")

    def test_wrong_matrices_are_named(self):
        leads = [{"name": "a", "orbitals": [0], "onsite": [[0]], "hopping": [[1, 2]]}]
        for field, h, ends in (
            ("h", [[0, 1], [2, 0]], []),
            ("h", [[np.nan]], []),
            ("leads[0].hopping", [[0]], leads),
        ):
            with self.assertRaises(InputError) as caught:
                from_arrays(h, ends)
            self.assertEqual(caught.exception.field, field)
        with self.assertRaises(ServerError):
            Device(chain(12), command="/no/such/program").forces()

    def test_a_forgotten_device_ends_its_process(self):
        device = Device(chain(12))
        process = device._server._process
        device.forces(tolerance=1e-3)
        del device
        gc.collect()
        self.assertEqual(process.wait(timeout=20), 0)

    def test_a_process_that_is_killed_is_an_error_and_not_a_wait(self):
        with Device(chain(12)) as device:
            device._server._process.kill()
            with self.assertRaises(ServerError):
                device.forces()
                device.forces()

    def test_a_list_longer_than_any_buffer(self):
        with Device(chain(12)) as device:
            requests = [{"energy": -0.5, "at": {"x": k / 3000}} for k in range(3000)]
            start = time.monotonic()
            self.assertEqual(len(device.map("scatteringMatrix", requests)), 3000)
            self.assertLess(time.monotonic() - start, 60)

    def test_requests_and_answers_that_fill_all_pipes(self):
        grid = np.linspace(0.1, 0.9, 4000)
        request = {"parameters": ["x", "y"], "first": grid, "second": [0.3], "energy": -0.5}
        with Device(chain(4)) as device:
            answers = device.map("curvature", [request] * 12)
        self.assertEqual([one["curvature"]["left"].size for one in answers], [4000] * 12)


if __name__ == "__main__":
    print(nanopinwheel.__version__)
    unittest.main()
