"""References of two levels with a complex coupling between two leads, wide bands with complex widths or semi-infinite chains, by Gauss panels at 260 bits.

The formulas are those of the full expressions (PHYSICS): friction from f_a (1 - f_b), nothing integrated by parts; H(X) is exact in its doubles.
"""
import json, math, random, sys
from flint import acb, acb_mat, arb, ctx

ctx.prec = 260
NODES = 32
PI = arb.pi()
RULE = [arb.legendre_p_root(NODES, k, weight=True) for k in range(NODES)]
I = acb(0, 1)

def number(x):
    return acb(x[0], x[1]) if isinstance(x, (list, tuple)) else acb(x)

def hermitian(a, b, c):
    """Diagonal a, c; upper element b."""
    b = number(b)
    return acb_mat([[acb(a), b], [b.conjugate(), acb(c)]])

class Device:
    def __init__(self, case):
        self.case = case
        x = acb(case["x"])
        self.force = hermitian(*case["lambda"])
        self.h = hermitian(*case["h"]) + self.force * x
        self.chains = case["kind"] == "chain"
        self.identity = acb_mat([[1, 0], [0, 1]])
        if not self.chains:
            self.w = [self.factor(hermitian(*g)) for g in case["leads"]]
            self.sigma0 = sum((hermitian(*g) * (-I / 2) for g in case["leads"]), acb_mat(2, 2))

    @staticmethod
    def factor(gamma):
        """Lower triangle W with W W^+ = gamma / 2 pi."""
        a, b, c = gamma[0, 0].real, gamma[1, 0], gamma[1, 1].real
        l = a.sqrt()
        m = b / l
        n = (c - (m * m.conjugate()).real).sqrt()
        s = (2 * PI).sqrt()
        return acb_mat([[acb(l) / s, 0], [m / s, acb(n) / s]])

    def leads(self, z):
        """Sigma and its derivative at complex or real z, upper half plane."""
        if not self.chains:
            return self.sigma0, acb_mat(2, 2)
        s, d = acb_mat(2, 2), acb_mat(2, 2)
        for k, (hopping, coupling) in enumerate(self.case["leads"]):
            t, c = acb(hopping), acb(coupling)
            root = (2 * t - z).sqrt() * (2 * t + z).sqrt()
            s[k, k] = c * c * (z - I * root) / (2 * t * t)
            d[k, k] = c * c * (1 + I * z / root) / (2 * t * t)
        return s, d

    def green(self, z):
        s, d = self.leads(z)
        g = (self.identity * z - self.h - s).inv()
        return g, d

    def trace(self, z):
        g, _ = self.green(z)
        return (self.force * g).trace()

    def at(self, e):
        """S, S', K, P and the lead of each channel."""
        g, d = self.green(acb(e))
        if self.chains:
            s, _ = self.leads(acb(e))
            w, dw = acb_mat(2, 2), acb_mat(2, 2)
            for k in (0, 1):
                gamma, slope = -2 * s[k, k].imag, -2 * d[k, k].imag
                w[k, k] = (gamma / (2 * PI)).sqrt()
                dw[k, k] = acb(slope / (2 * PI)) / (2 * w[k, k])
            of = [0, 1]
        else:
            rows = [[self.w[0][i, 0], self.w[0][i, 1], self.w[1][i, 0], self.w[1][i, 1]] for i in (0, 1)]
            w, dw, of = acb_mat(rows), acb_mat(2, 4), [0, 0, 1, 1]
        psi = g * w
        slope = g * (dw - (self.identity - d) * psi)
        wt, pt = adjoint(w), adjoint(psi)
        n = len(of)
        one = acb_mat([[1 if i == j else 0 for j in range(n)] for i in range(n)])
        S = one - wt * psi * (2 * PI * I)
        dS = (adjoint(dw) * psi + wt * slope) * (-2 * PI * I)
        K = pt * self.force * psi * (2 * PI)
        P = pt * self.force * slope * (2 * PI)
        return S, dS, K, P, of

    def centres(self):
        """Positions and widths of the two resonances."""
        s, _ = self.leads(acb(self.case["h"][0]))
        a, b, c, d = [(self.h + s)[i, j] for i, j in ((0, 0), (0, 1), (1, 0), (1, 1))]
        mean, root = (a + d) / 2, (((a - d) / 2) ** 2 + b * c).sqrt()
        return [(float(z.real.mid()), abs(float(z.imag.mid()))) for z in (mean + root, mean - root)], [mean + root, mean - root]

def adjoint(m):
    return acb_mat([[m[j, i].conjugate() for j in range(m.nrows())] for i in range(m.ncols())])

def filling(e, mu, T):
    if T == 0:
        return arb(1) if e < mu else arb(0)
    return 1 / (((e - mu) / T).exp() + 1)

def integrand(device, e, f, slope, filled=True):
    """All quantities: force, friction, noise, current, energy current, both leads' currents and energy currents per velocity."""
    S, dS, K, P, of = device.at(e)
    n = len(of)
    out = [arb(0)] * 9
    ref = f[2]
    A = (dS * K + S * (adjoint(P) - P)) * (acb(1) / 2)
    Sk = S * K * (-I)
    for a in range(n):
        fa = f[of[a]]
        if filled:
            out[0] -= (fa - ref) * K[a, a].real
        for b in range(n):
            fb, gb = f[of[b]], slope[of[b]]
            kk = (K[a, b] * K[b, a]).real
            if filled:
                out[1] += fa * (1 - fb) * 2 * (P[a, b] * K[b, a]).real
                out[2] += fa * (1 - fb) * kk
                if of[a] == 0:
                    out[3] += (S[a, b] * S[a, b].conjugate()).real * (fa - fb)
            if gb != 0:
                # At a step f_a is 1, 1/2 or 0 there.
                out[1] -= fa * gb * kk
            # Tr of I_nu on lead of a, by columns b.
            own = arb(0)
            if gb != 0:
                own += (-(I / 2) * gb * (Sk[a, b] * S[a, b].conjugate() - S[a, b] * Sk[a, b].conjugate())).real
            if filled:
                part = (I / 2) * (dS[a, b] * Sk[a, b].conjugate() - Sk[a, b] * dS[a, b].conjugate())
                part += A[a, b] * S[a, b].conjugate() + S[a, b] * A[a, b].conjugate()
                own += (fb - ref) * part.real
            out[5 + of[a]] -= own
            out[7 + of[a]] -= own * e
    out[4] = out[3] * e
    return [x / (2 * PI) for x in out]

def panels(points, low, high, fixed):
    low, high = low.mid(), high.mid()
    inside = [p.mid() for p in points + fixed]
    inside = sorted([low, high] + [p for p in inside if low < p < high])
    return [(a, b) for a, b in zip(inside, inside[1:]) if a < b]

def total(function, ends, size):
    sums = [arb(0)] * size
    for a, b in ends:
        middle, half = (a + b) / 2, (b - a) / 2
        for x, w in RULE:
            for i, v in enumerate(function(middle + half * x)):
                sums[i] += half * w * v
    return sums

def graded(centre, width, most, ratio=3):
    points, d = [centre], width
    while d < most:
        points += [centre - d, centre + d]
        d *= ratio
    return points

def answer(case):
    device = Device(case)
    mu, T = case["mu"], case["T"]
    _, poles = device.centres()
    points = []
    for z in poles:
        points += graded(z.real.mid(), abs(z.imag).mid() + arb(2) ** -200, arb(64))
    steps = []
    for a in (0, 1):
        if T[a] == 0:
            steps.append(arb(mu[a]))
        else:
            points += [arb(mu[a]) + arb(T[a]) * k for k in range(-80, 81, 2)]
    reach = [80 * t for t in T]
    low = min(arb(m) - arb(r) for m, r in zip(mu, reach))
    high = max(arb(m) + arb(r) for m, r in zip(mu, reach))
    sums = [arb(0)] * 9
    ref_mu = arb(mu[0])
    def f_of(e):
        ref = filling(e, ref_mu, arb(T[0]) if T[0] else 0)
        return [filling(e, arb(mu[a]), arb(T[a]) if T[a] else 0) for a in (0, 1)] + [ref]
    def inside(e):
        f = f_of(e)
        slope = [-f[a] * (1 - f[a]) / T[a] if T[a] else arb(0) for a in (0, 1)]
        out = integrand(device, e, f, slope)
        # The rest of the force is that of the sea at T = 0 and the first chemical potential.
        S, dS, K, P, of = device.at(e)
        step = arb(1) if e < ref_mu else arb(0)
        out[0] -= (f[2] - step) * K.trace().real / (2 * PI)
        return out
    if low < high:
        sums = total(inside, panels(points, low, high, steps + [ref_mu]), 9)
    for a in (0, 1):
        if T[a]:
            continue
        at = arb(mu[a])
        f = [(arb(1) if mu[b] > mu[a] else arb(0) if mu[b] < mu[a] else arb(1) / 2) if T[b] == 0 else filling(at, arb(mu[b]), arb(T[b])) for b in (0, 1)]
        slope = [arb(-1) if b == a else arb(0) for b in (0, 1)]
        for i, v in enumerate(integrand(device, at, f + [arb(0)], slope, False)):
            sums[i] += v
    # The sea: y from 0 to infinity, graded towards the poles' distance from mu.
    least = min(abs(z - ref_mu).mid() for z in poles) + arb(2) ** -200
    ends, y = [(arb(0), least / 4)], least / 4
    while y < arb(2) ** 120:
        ends.append((y, 2 * y))
        y = 2 * y
    force = total(lambda y: [device.trace(acb(ref_mu, y)).real], ends, 1)[0]
    sums[0] += -device.force.trace().real / 2 - force / PI
    return [float(x.mid()) for x in sums]

def cases(n, seed):
    r = random.Random(seed)
    short = lambda x: float(f"{x:.4g}")
    power = lambda a, b: short(10 ** r.uniform(a, b))
    turn = lambda size: [short(size * math.cos(p)), short(size * math.sin(p))] if (p := r.uniform(0, 2 * math.pi)) is not None else None
    for i in range(n):
        chain = i % 2 == 1
        level = r.choice([0.4, -0.3, 0.0, round(r.uniform(-0.9, 0.9), 6)])
        split = r.choice([0.0, power(-9, -1), power(-9, -1), power(-2, 0)]) * r.choice([-1, 1])
        h = [level, turn(power(-9, -0.3)), level + split]
        force = [short(r.uniform(-1, 1)), turn(r.choice([0.0, 0.5, 1.0])), short(r.uniform(-1, 1))]
        x = r.choice([0.0, 0.0, 0.3, -0.7])
        if chain:
            leads = [[round(r.uniform(0.9, 1.5), 3), power(-5, -0.2)] for _ in (0, 1)]
            width = max(c * c / t for t, c in leads)
        else:
            leads = []
            for _ in (0, 1):
                a, c = power(-9, 0), power(-9, 0)
                leads.append([a, turn(short(r.uniform(0, 0.9) * math.sqrt(a * c))), c])
            width = max(max(g[0], g[2]) for g in leads)
        case = {"kind": "chain" if chain else "wide", "h": h, "lambda": force, "x": x, "leads": leads}
        centres, _ = Device({**case}).centres()
        def mu():
            k = r.randrange(4)
            centre, own = r.choice(centres)
            if k == 0: return centre + r.choice([-1, 1]) * own * r.choice([0.3, 1.0, 10.0])
            if k == 1: return centre + r.choice([-1, 1]) * 10 ** r.uniform(-8, -0.3)
            return round(level + r.uniform(-0.6, 0.6), 4)
        T = 0.0 if i % 4 < 2 else power(-7, -2.2)
        first = mu()
        second = first if r.random() < 0.15 else mu()
        case["mu"], case["T"] = [first, second], [T, T if r.random() < 0.85 else r.choice([0.0, power(-7, -2.2)])]
        if all(abs(m) < 1.3 for m in case["mu"]) and all(abs(c) < 1.3 for c, _ in centres):
            yield case

if __name__ == "__main__":
    start = "[\n"
    for case in cases(int(sys.argv[1]), int(sys.argv[2])):
        print(start + json.dumps([case, answer(case)], separators=(",", ":")), end="", flush=True)
        start = ",\n"
    print("\n]")
