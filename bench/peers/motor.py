"""The Thouless motor at a bias over a whole turn. Each array operation works on some angles and all
energies. Two contenders share the scattering states:

`motor`: work, friction, noise and mean current on a given grid that is fine enough for eight
digits. The sea is left out, because it does no work.

`motor-turn`: the results of device.motor to a tolerance, on a grid that is not known beforehand:
torque with the filled sea and its conservative part, friction, noise, currents of charge and energy
to both orders, linear response. The angles are doubled, and panels of energies are halved where
needed.

The window integrals are those of docs/physics.md, sections 4 and 5: fillings times
K = 2 pi psi^+ L psi and P = 2 pi psi^+ L psi', with L = dH/dtheta.
"""
import numpy as np

AMPLITUDE = 0.4
NODES = 14
TRIALS = 2 * np.pi * ((np.arange(1, 6) * (np.sqrt(5) - 1) / 2) % 1)


def device(sites, theta):
    """On-site energies and their derivatives, sites x angles x 1; the last axis is for energies."""
    phase = theta + np.pi / 2 * np.arange(1, sites + 1)[:, None]
    return AMPLITUDE * np.cos(phase)[:, :, None], -AMPLITUDE * np.sin(phase)[:, :, None]


def leads(energy):
    """Sigma, dSigma/dE, w and dw/dE of the uniform leads, per energy."""
    x = energy / 2
    root = np.sqrt(1 - x * x)
    sigma = x - 1j * root
    d_sigma = -(sigma**2) / (1 - sigma**2)
    w = np.sqrt(root / np.pi)
    return sigma, d_sigma, w, -d_sigma.imag / (2 * np.pi * w)


def states(h, force, energy, lead):
    """psi and psi' (leads x sites x angles x energies), and K and P (leads x leads x angles x
    energies)."""
    sigma, d_sigma, w, d_w = lead
    n = len(h)
    diagonal = (energy - h).astype(complex)
    diagonal[0] -= sigma
    diagonal[-1] -= sigma
    inverse = np.empty_like(diagonal)
    inverse[0] = 1 / diagonal[0]
    for i in range(1, n):
        inverse[i] = 1 / (diagonal[i] - inverse[i - 1])
    # The right side of each lead's equation has one nonzero element.
    psi = np.empty((2,) + diagonal.shape, complex)
    psi[0, 0] = w * inverse[0]
    for i in range(1, n):
        psi[0, i] = -psi[0, i - 1] * inverse[i]
    psi[1, -1] = w * inverse[-1]
    for i in range(n - 2, -1, -1):
        psi[0, i] -= inverse[i] * psi[0, i + 1]
        psi[1, i] = -inverse[i] * psi[1, i + 1]
    # The energy derivative is psi' = G (W' - (1 - Sigma') psi).
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
    left = 2 * np.pi * psi.conj() * force
    return psi, d_psi, np.einsum("aite,bite->abte", left, psi), np.einsum("aite,bite->abte", left, d_psi)


def panels(edges):
    """Gauss-Legendre nodes and weights of panels, which are given by their ends."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(edges) / 2
    return (edges.mean(axis=1)[:, None] + half * nodes).ravel(), (half * weights).ravel()


def motor(request):
    n, angles, t = request["sites"], request["angles"], request["temperature"]
    mu = np.array(request["mu"])
    theta = 2 * np.pi * np.arange(angles) / angles
    ends = np.linspace(mu.min() - 37 * t, mu.max() + 37 * t, request["panels"] + 1)
    energy, weight = panels(np.stack([ends[:-1], ends[1:]], axis=1))

    def call():
        lead = leads(energy)
        f = 1 / (np.exp((energy - mu[:, None]) / t) + 1)
        slope = f * (1 - f) / t
        reference = 1 / (np.exp((energy - mu.mean()) / t) + 1)
        totals = np.zeros(4)
        # Blocks of some angles keep the arrays in the cache.
        for first in range(0, angles, request["block"]):
            psi, _, K, P = states(*device(n, theta[first : first + request["block"]]), energy, lead)
            S_LR = -2j * np.pi * lead[2] * psi[1, 0]
            torque = noise = friction = 0
            for a in range(2):
                torque = torque - (f[a] - reference) * K[a, a].real
                for b in range(2):
                    square = np.abs(K[a, b]) ** 2
                    noise = noise + f[a] * (1 - f[b]) * square
                    friction = friction + f[a] * slope[b] * square
                    # P_ab K_ba + K_ab conj(P_ab) is twice the real part of P_ab conj(K_ab).
                    friction = friction + 2 * f[a] * (1 - f[b]) * (P[a, b] * K[a, b].conj()).real
            current = np.abs(S_LR) ** 2 * (f[0] - f[1])
            totals += [np.sum(quantity @ weight) for quantity in (torque, friction, noise, current)]
        work, friction, noise, current = totals / angles
        return [work, friction, noise, current / (2 * np.pi)]

    return call


class Turn:
    """Quantities per angle: torque beyond the sea of the first lead, torque beyond the sea of the
    mean filling, friction, noise, current and energy current, both per velocity for either lead, and
    for linear response charges, friction and conductance."""

    # The two torques share a scale, as do the currents per velocity of both leads, their energy
    # currents, and the charges.
    SHARED = ((0, 1), (6, 7), (8, 9), (10, 11))

    def __init__(self, request):
        self.sites, self.t = request["sites"], request["temperature"]
        self.mu = np.array(request["mu"])
        self.tolerance, self.block = request["tolerance"], request["block"]
        self.grids = {}
        self.sea_nodes = 8
        reach = 42 * self.t
        ends = np.linspace(self.mu.min() - reach, self.mu.max() + reach, 13)
        self.edges = np.stack([ends[:-1], ends[1:]], axis=1)

    def grid(self, edges):
        """Energies, weights, leads and fillings, which are the same at all angles."""
        key = edges.tobytes()
        if key not in self.grids:
            energy, weight = panels(edges)
            e = np.exp((energy - self.mu[:, None]) / self.t)
            middle = 1 / (np.exp((energy - self.mu.mean()) / self.t) + 1)
            self.grids[key] = energy, weight, leads(energy), 1 / (e + 1), e / (e + 1), middle
        return self.grids[key]

    def window(self, theta, edges):
        """All quantities, by angle and panel."""
        grid = self.grid(edges)
        blocks = range(0, len(theta), self.block)
        return np.concatenate([self.window_of(theta[k : k + self.block], *grid) for k in blocks], axis=1)

    def window_of(self, theta, energy, weight, lead, f, empty, middle):
        _, _, w, d_w = lead
        psi, d_psi, K, P = states(*device(self.sites, theta), energy, lead)
        ends, d_ends = psi[:, [0, -1]].swapaxes(0, 1), d_psi[:, [0, -1]].swapaxes(0, 1)
        S = -2j * np.pi * w * ends
        S[0, 0] += 1
        S[1, 1] += 1
        d_S = -2j * np.pi * (d_w * ends + w * d_ends)
        SK = np.einsum("ab...,bc...->ac...", S, K)
        row = (SK * S.conj()).real
        twist = P.swapaxes(0, 1).conj() - P
        filled = np.einsum("ab...,bc...->ac...", d_S, K) + np.einsum("ab...,bc...->ac...", S, twist)
        filled = (filled * S.conj() - d_S * SK.conj()).real

        bias, excess, slope = f[0] - f[1], f - f[0], -f * empty / self.t
        response = middle * (1 - middle) / self.t
        transmission, square = np.abs(S[0, 1]) ** 2, np.abs(K) ** 2
        pairs = [(a, b) for a in range(2) for b in range(2)]
        friction = bias * (P[0, 1] * K[0, 1].conj() - P[1, 0] * K[1, 0].conj()).real
        friction = friction - sum((slope[a] + slope[b]) / 4 * square[a, b] for a, b in pairs)
        noise = sum(f[a] * empty[b] * square[a, b] for a, b in pairs)
        velocity = [sum(slope[b] * row[a, b] - excess[b] * filled[a, b] for b in range(2)) for a in range(2)]
        quantities = np.array(
            [
                -excess[1] * K[1, 1].real,
                -(middle - f[0]) * (K[0, 0] + K[1, 1]).real,
                friction,
                noise,
                bias * transmission,
                energy * bias * transmission,
                *velocity,
                *(energy * v for v in velocity),
                *(-response * (row[a, 0] + row[a, 1]) for a in range(2)),
                response * square.sum(axis=(0, 1)) / 2,
                response * transmission,
            ]
        )
        by_panel = (quantities * weight).reshape(quantities.shape[:2] + (-1, NODES))
        return by_panel.sum(axis=3) / (2 * np.pi)

    def sea(self, theta, nodes):
        """Torque of the sea with the filling of the first lead: 20 Matsubara frequencies, then the
        integral over 1/y with the Euler-Maclaurin series."""
        step = 2 * np.pi * self.t
        x, weights = np.polynomial.legendre.leggauss(nodes)
        u = (x + 1) / 2
        z = self.mu[0] + 1j * np.concatenate([(np.arange(24) + 0.5) * step, 20 * step / u])
        sigma = z / 2 - 1j * np.sqrt(1 - (z / 2) ** 2)
        out = np.empty(len(theta))
        for first in range(0, len(theta), 4 * self.block):
            part = slice(first, first + 4 * self.block)
            h, force = device(self.sites, theta[part])
            diagonal = z - h
            diagonal[0] -= sigma
            diagonal[-1] -= sigma
            left = np.empty_like(diagonal)
            left[0] = 1 / diagonal[0]
            for i in range(1, self.sites):
                left[i] = 1 / (diagonal[i] - left[i - 1])
            green = left[-1]
            trace = force[-1] * green
            for i in range(self.sites - 2, -1, -1):
                green = left[i] + left[i] * green * left[i]
                trace = trace + force[i] * green
            values = -trace.real / np.pi
            total = step * values[:, :20].sum(axis=1) + values[:, 24:] @ (10 * step * weights / u**2)
            odd = values[:, 16:24]
            for order, factor in enumerate((1 / 24, -17 / 5760, 367 / 967680, -27859 / 464486400)):
                odd = np.diff(odd, axis=1) if order == 0 else np.diff(odd, n=2, axis=1)
                total += factor * step * odd[:, 3 - order]
            out[part] = total - force.sum(axis=(0, 2)) / 2
        return out

    def curves(self, theta):
        """All quantities at these angles. The nodes of the sea are doubled, and panels are halved
        until whole and halves agree; both are kept for the next angles."""
        coarse, fine = self.sea(theta, self.sea_nodes), self.sea(theta, 2 * self.sea_nodes)
        while np.abs(fine - coarse).max() > self.tolerance * np.abs(fine).max():
            self.sea_nodes *= 2
            coarse, fine = fine, self.sea(theta, 2 * self.sea_nodes)
        total = np.zeros((14, len(theta)))
        total[:2] = fine
        edges, done = self.edges, []
        whole = self.window(theta, edges)
        while len(edges):
            middle = edges.mean(axis=1)
            halves = np.stack([edges[:, 0], middle, middle, edges[:, 1]], axis=1).reshape(-1, 2)
            parts = self.window(theta, halves)
            both = parts.reshape(parts.shape[:2] + (-1, 2)).sum(axis=3)
            scale = np.abs(total + both.sum(axis=2)).max(axis=1)
            for group in self.SHARED:
                scale[list(group)] = scale[list(group)].max()
            error = (np.abs(both - whole).max(axis=1) / scale[:, None]).max(axis=0)
            # The halves have twice the digits, so that their difference from the whole is the error
            # of the whole.
            rough = error > 100 * self.tolerance
            total += both[:, :, ~rough].sum(axis=2)
            done.append(edges[~rough])
            again = np.repeat(rough, 2)
            edges, whole = halves[again], parts[:, :, again]
        self.edges = np.concatenate(done)
        return total

    def between(self, samples):
        """Whether the interpolant meets the tolerance at angles off the grid."""
        harmonics = np.fft.rfft(samples, axis=1) / samples.shape[1]
        harmonics[:, 1:-1] *= 2
        found = (harmonics @ np.exp(1j * np.outer(np.arange(harmonics.shape[1]), TRIALS))).real
        scale = np.abs(samples).max(axis=1)
        return (np.abs(found - self.curves(TRIALS)).max(axis=1) <= self.tolerance * scale).all()

    def run(self):
        count = 16
        samples = self.curves(2 * np.pi * np.arange(count) / count)
        while True:
            last = np.abs(np.fft.rfft(samples, axis=1)[:, -2:]).max(axis=1) / count
            if (4 * last <= self.tolerance * np.abs(samples).max(axis=1)).all() and self.between(samples):
                return samples
            finer = np.empty((len(samples), 2 * count))
            finer[:, ::2] = samples
            finer[:, 1::2] = self.curves(2 * np.pi * (np.arange(count) + 0.5) / count)
            samples, count = finer, 2 * count


def motor_turn(request):
    def call():
        torque, _, friction, noise, current, *_ = Turn(request).run().mean(axis=1)
        return [2 * np.pi * torque, 2 * np.pi * friction, 2 * np.pi * noise, current]

    return call


TASKS = {"motor": motor, "motor-turn": motor_turn}
