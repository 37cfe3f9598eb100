"""Force, friction with its antisymmetric part, noise and current of a two-dimensional device at a
bias, from the formulas of docs/physics.md, section 4, over the thermal window, to a tolerance.

Each energy takes the self-energies of both leads (by transverse modes for the square lattice, by
decimation for others, as nanopinwheel computes its leads within the timing), one block LU over the
slices, and its thin solves for psi, psi' and G Lambda psi with the inverses kept. The integral goes
by Gauss-Kronrod panels (7 and 15 nodes) between band edges, with a variable that takes the square
root out, bisected until the largest error is within the tolerance, the worst half of the panels
first. The force is that beyond the sea of the first lead, and is not part of the answer: nanopinwheel
adds the sea.
"""
import numpy as np

from device import matrix, surface_green

KRONROD = np.array(
    [
        0.9914553711208126,
        0.9491079123427585,
        0.8648644233597691,
        0.7415311855993945,
        0.5860872354676911,
        0.4058451513773972,
        0.20778495500789848,
        0.0,
    ]
)
LONG = np.array(
    [
        0.022935322010529224,
        0.06309209262997856,
        0.10479001032225019,
        0.14065325971552592,
        0.1690047266392679,
        0.19035057806478542,
        0.20443294007529889,
        0.20948214108472782,
    ]
)
SHORT = np.array([0.1294849661688697, 0.27970539148927664, 0.3818300505051189, 0.4179591836734694])
NODES = np.concatenate([-KRONROD, KRONROD[-2::-1]])
LONG = np.concatenate([LONG, LONG[-2::-1]])
WEIGHTS = np.zeros(15)
WEIGHTS[1::2] = np.concatenate([SHORT, SHORT[-2::-1]])


class ModesLead:
    """A clean square-lattice lead with hopping -1: every transverse mode is a chain."""

    def __init__(self, lead):
        n = len(lead["orbitals"])
        onsite = matrix(lead["onsite"], (n, n), True).toarray().real
        self.levels, self.modes = np.linalg.eigh(onsite)
        self.edges = np.concatenate([self.levels - 2, self.levels + 2])

    def at(self, energy):
        e = (energy - self.levels) / 2
        root = np.sqrt(np.abs(1 - e * e))
        inside = np.abs(e) < 1
        g = np.where(inside, e - 1j * root, e - np.sign(e) * root)
        d_g = -g * g / (1 - g * g)
        sigma, d_sigma = (self.modes * g) @ self.modes.T, (self.modes * d_g) @ self.modes.T
        w = np.sqrt(-g.imag[inside] / np.pi)
        modes = self.modes[:, inside]
        return sigma, d_sigma, modes * w, modes * (-d_g.imag[inside] / (2 * np.pi * w))


class CellLead:
    """Any periodic lead, by decimation of its cell."""

    def __init__(self, lead):
        n = len(lead["orbitals"])
        self.onsite = matrix(lead["onsite"], (n, n), True).toarray()
        self.hopping = matrix(lead["hopping"], (n, n), False).toarray()
        phases = np.exp(1j * np.linspace(0, np.pi, 721))[:, None, None]
        forth = self.hopping * phases
        bands = np.linalg.eigvalsh(self.onsite + forth + forth.conj().transpose(0, 2, 1))
        # Extrema over k, by parabolas through the samples next to them.
        self.edges = np.array(sorted({*bands[[0, -1]].ravel(), *extrema(bands)}))
        rows = np.flatnonzero(np.abs(self.hopping).sum(axis=1))
        self.rows = rows

    def at(self, energy):
        n = len(self.onsite)
        g = surface_green(self.onsite, self.hopping, energy)
        # Sigma = h g h^+ has these rows and columns only. Its derivative solves
        # Sigma' = -h g (1 - Sigma') g h^+.
        rows, r = self.rows, len(self.rows)
        out, into = self.hopping[rows] @ g, g @ self.hopping[rows].conj().T
        stein = np.eye(r * r) - np.kron(out[:, rows], into[rows].T)
        sigma, d_sigma = np.zeros((2, n, n), complex)
        sigma[np.ix_(rows, rows)] = self.hopping[rows] @ into
        d_sigma[np.ix_(rows, rows)] = np.linalg.solve(stein, -(out @ into).ravel()).reshape(r, r)
        values, vectors = np.linalg.eigh(1j * (sigma - sigma.conj().T))
        is_open = values > 1e-6 * values.max()
        W = vectors[:, is_open] * np.sqrt(values[is_open] / (2 * np.pi))
        Z = 1j * (d_sigma - d_sigma.conj().T) / (2 * np.pi)
        N = np.diag(2 * np.pi / values[is_open])
        ZWN = Z @ W @ N
        return sigma, d_sigma, W, ZWN - 0.5 * W @ N @ W.conj().T @ ZWN


def extrema(bands):
    d = np.diff(bands, axis=0)
    for k, j in zip(*np.nonzero(d[1:] * d[:-1] < 0)):
        low, middle, high = bands[k : k + 3, j]
        yield middle - (high - low) ** 2 / (8 * (high - 2 * middle + low))


class Device:
    def __init__(self, request):
        model = request["model"]["device"]
        n = model["orbitals"]
        dense = matrix(model["hamiltonian"], (n, n), True).toarray()
        self.real = not dense.imag.any()
        starts = request["slices"]
        self.parts = [slice(a, b) for a, b in zip(starts[:-1], starts[1:])]
        pairs = list(zip(self.parts[:-1], self.parts[1:]))
        self.blocks = [dense[p, p] for p in self.parts]
        self.up = [-dense[p, q] for p, q in pairs]
        self.down = [-dense[q, p] for p, q in pairs]
        self.gates = []
        for triplets in model["parameters"].values():
            gate = np.zeros(n)
            for t in triplets:
                gate[t[0]] += t[2]
            on = np.flatnonzero(gate)
            self.gates.append((slice(on[0], on[-1] + 1), gate[on[0] : on[-1] + 1, None]))
        modes = request.get("modes")
        self.leads = [(ModesLead if modes else CellLead)(lead) for lead in model["leads"]]
        self.ends = [np.asarray(lead["orbitals"]) for lead in model["leads"]]
        self.orbitals = n

    def states(self, energy):
        """S, S', K, P per gate, and the antisymmetric products y and b of both gates."""
        found = [lead.at(energy) for lead in self.leads]
        counts = [w.shape[1] for _, _, w, _ in found]
        m, n, parts = sum(counts), self.orbitals, self.parts
        blocks = [energy * np.eye(len(h)) - h + 0j for h in self.blocks]
        W, dW = np.zeros((2, n, m), complex)
        at = 0
        for (sigma, _, w, d_w), end, part, i in zip(found, self.ends, (parts[0], parts[-1]), (0, -1)):
            own = end - part.start
            blocks[i][np.ix_(own, own)] -= sigma
            W[end, at : at + w.shape[1]] = w
            dW[end, at : at + w.shape[1]] = d_w
            at += w.shape[1]
        inverses, steps = [np.linalg.inv(blocks[0])], []
        for i in range(1, len(parts)):
            steps.append(self.down[i - 1] @ inverses[-1])
            inverses.append(np.linalg.inv(blocks[i] - steps[-1] @ self.up[i - 1]))

        def solve(b):
            x = b.copy()
            for i in range(1, len(parts)):
                x[parts[i]] -= steps[i - 1] @ x[parts[i - 1]]
            x[parts[-1]] = inverses[-1] @ x[parts[-1]]
            for i in range(len(parts) - 2, -1, -1):
                x[parts[i]] = inverses[i] @ (x[parts[i]] - self.up[i] @ x[parts[i + 1]])
            return x

        psi = solve(W)
        right = np.zeros((n, 3 * m), complex)
        right[:, :m] = dW - psi
        for (_, d_sigma, _, _), end in zip(found, self.ends):
            right[end, :m] += d_sigma @ psi[end]
        forces, K = [], []
        for k, (rows, gate) in enumerate(self.gates):
            product = gate * psi[rows]
            forces.append(product)
            right[rows, (k + 1) * m : (k + 2) * m] = product
            K.append(2 * np.pi * psi[rows].conj().T @ product)
        solved = solve(right)
        d_psi, phi = solved[:, :m], (solved[:, m : 2 * m], solved[:, 2 * m :])
        P = [2 * np.pi * product.conj().T @ d_psi[rows] for product, (rows, _) in zip(forces, self.gates)]
        S = np.eye(m) - 2j * np.pi * W.conj().T @ psi
        (r0, g0), (r1, g1) = self.gates
        y = 2 * np.pi * (columns(forces[0], phi[1][r0]) - columns(forces[1], phi[0][r1]))
        b = 4 * np.pi * (columns(phi[0][r1], g1 * d_psi[r1]) - columns(phi[1][r0], g0 * d_psi[r0]))
        return counts[0], S, K, P, y, b


def columns(x, y):
    """Im of the products of equal columns."""
    return np.einsum("ia,ia->a", x.conj(), y).imag


class Window:
    def __init__(self, request):
        self.device = Device(request)
        self.mu, self.t = np.array(request["mu"]), request["temperature"]
        self.tolerance = request["tolerance"]
        reach = 26 * self.t
        low, high = self.mu.min() - reach, self.mu.max() + reach
        edges = np.unique(np.concatenate([lead.edges for lead in self.device.leads]).round(12))
        inside = edges[(edges > low) & (edges < high)]
        self.ends = np.concatenate([[low], inside, [high]])

    def energy(self, x):
        """The energy at x of the piece floor(x), and its derivative: square roots at both ends."""
        p = min(int(x), len(self.ends) - 2)
        a, b, v = self.ends[p], self.ends[p + 1], x - p
        left, right = p > 0, p < len(self.ends) - 2
        if left and right:
            return a + (b - a) * np.sin(np.pi * v / 2) ** 2, (b - a) * np.pi / 2 * np.sin(np.pi * v)
        if left:
            return a + (b - a) * v * v, 2 * (b - a) * v
        if right:
            return b - (b - a) * (1 - v) ** 2, 2 * (b - a) * (1 - v)
        return a + (b - a) * v, b - a

    def integrand(self, x):
        energy, slope = self.energy(x)
        first, S, K, P, y, b = self.device.states(energy)
        lead = np.repeat([0, 1], [first, len(S) - first])
        e = np.exp(np.clip((energy - self.mu) / self.t, -600, 600))
        f, empty = 1 / (e + 1), e / (e + 1)
        d_f = (-f * empty / self.t)[lead]
        f, empty = f[lead], empty[lead]
        excess = np.where(lead == 0, 0, f[-1] - f[0])
        fill, both = np.outer(f, empty), d_f[:, None] + d_f[None, :]
        bias = f[:, None] - f[None, :]
        out = [-excess @ k.diagonal().real for k in K]
        for i, j in ((0, 0), (0, 1), (1, 1)):
            square = (K[j] * K[i].conj()).real
            out.append((fill * square).sum())
            change = (P[j] * K[i].conj() + K[j] * P[i].conj()).real
            out.append((0.5 * bias * change - 0.25 * both * square).sum())
        c = b - ((K[0] * P[1].T).sum(axis=1) - (K[1] * P[0].T).sum(axis=1)).real
        out.append(d_f @ y + excess @ c)
        out.append((bias[:first, first:] * np.abs(S[:first, first:]) ** 2).sum())
        return np.array(out) * slope / (2 * np.pi)

    def panel(self, a, b):
        half = (b - a) / 2
        values = np.array([self.integrand((a + b) / 2 + half * x) for x in NODES]) * half
        whole = LONG @ values
        difference = np.abs(whole - WEIGHTS @ values)
        spread = LONG @ np.abs(values - whole / 2 / half * half)
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.minimum(difference, spread * (200 * difference / spread) ** 1.5)
        return whole, np.nan_to_num(error)

    # Force, noise, friction with its antisymmetric part, and current have a scale each.
    GROUPS = ((0, 1), (2, 4, 6), (3, 5, 7, 8), (9,))

    def run(self):
        pieces = len(self.ends) - 1
        points = {float(p) for p in range(pieces + 1)}
        for mu in self.mu:
            for k in (-14, -5, 0, 5, 14):
                points |= self.place(mu + k * self.t)
        points = sorted(points)
        panels = [(a, b, *self.panel(a, b)) for a, b in zip(points[:-1], points[1:])]
        while True:
            total = sum(panel[2] for panel in panels)
            scale = np.empty(len(total))
            for group in self.GROUPS:
                scale[list(group)] = np.abs(total[list(group)]).max()
            errors = np.array([(panel[3] / scale).max() for panel in panels])
            if errors.sum() <= self.tolerance:
                return total
            # All panels that are far from the error they may have are bisected at once.
            again = errors > min(self.tolerance / len(panels), errors.max() / 2)
            fresh = []
            for panel, divide in zip(panels, again):
                if not divide:
                    fresh.append(panel)
                    continue
                a, b = panel[:2]
                middle = (a + b) / 2
                fresh += [(a, middle, *self.panel(a, middle)), (middle, b, *self.panel(middle, b))]
            panels = fresh

    def place(self, energy):
        """The x of an energy inside the window, unless it is next to an end of a piece."""
        for p, (a, b) in enumerate(zip(self.ends[:-1], self.ends[1:])):
            if not a < energy < b:
                continue
            u = (energy - a) / (b - a)
            left, right = p > 0, p < len(self.ends) - 2
            if left and right:
                u = 2 / np.pi * np.arcsin(np.sqrt(u))
            elif left:
                u = np.sqrt(u)
            elif right:
                u = 1 - np.sqrt(1 - u)
            return {p + u} if 0.02 < u < 0.98 else set()
        return set()


def forces(request):
    def call():
        return Window(request).run()[2:]

    return call


TASKS = {"forces": forces}
