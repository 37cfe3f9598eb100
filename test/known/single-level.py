"""References of one level between two wide-band leads, by closed forms at 60 digits."""
import json, random
from mpmath import mp, mpf, mpc, psi, log, re, im, pi, exp
mp.dps = 80

def h(q, g, T):   # int (-f') G
    return 1 / mpc(q, g) if T == 0 else -1j / (2 * pi * T) * psi(1, mpf(1) / 2 + mpc(g, -q) / (2 * pi * T))
def h2(q, g, T):  # int (-f') G^2
    return 1 / mpc(q, g) ** 2 if T == 0 else psi(2, mpf(1) / 2 + mpc(g, -q) / (2 * pi * T)) / (2 * pi * T) ** 2
def H(q, g, T):   # d/dq H = h
    return log(mpc(g, -q)) if T == 0 else psi(0, mpf(1) / 2 + mpc(g, -q) / (2 * pi * T)) + log(2 * pi * T)

def one(eps, G1, G2, mu1, mu2, T1, T2):
    eps, G1, G2, mu1, mu2, T1, T2 = map(mpf, (eps, G1, G2, mu1, mu2, T1, T2))
    W = (G1, G2); G = G1 + G2; g = G / 2
    q = (mu1 - eps, mu2 - eps); T = (T1, T2)
    occ = [mpf(1) / 2 - im(H(q[a], g, T[a])) / pi for a in (0, 1)]
    force = -(G1 * occ[0] + G2 * occ[1]) / G
    # averages with -f' of 1/D, 1/D^2, x/D, x/D^2
    D1 = [-im(h(q[a], g, T[a])) / g for a in (0, 1)]
    D2 = [(D1[a] - re(h2(q[a], g, T[a]))) / (2 * g * g) for a in (0, 1)]
    X1 = [re(h(q[a], g, T[a])) for a in (0, 1)]
    X2 = [-im(h2(q[a], g, T[a])) / (2 * g) for a in (0, 1)]
    dH = H(q[0], g, T[0]) - H(q[1], g, T[1])
    dh = -(h(q[0], g, T[0]) - h(q[1], g, T[1]))   # int (f1 - f2) G^2
    J = G1 * G2 / (2 * pi) * (-im(dH) / g)
    JE = eps * J + G1 * G2 / (2 * pi) * re(dH)
    B2 = (-im(dH) / g - re(dh)) / (2 * g * g)     # int (f1 - f2) / D^2
    noise = mpf(0)
    for a in (0, 1): noise += W[a] ** 2 * T[a] * D2[a]
    if T1 == T2:
        if mu1 == mu2: noise += 2 * G1 * G2 * T1 * D2[0]
        elif T1 == 0: noise += G1 * G2 * abs(B2)
        else:
            y = (mu1 - mu2) / T1
            noise += G1 * G2 * B2 * ((1 + exp(-y)) / (1 - exp(-y)))
    else: noise = None
    friction = sum(W[a] * G * D2[a] for a in (0, 1)) / (4 * pi)
    def cpv(a):
        s = sum(W[a] * W[b] * g * D2[b] for b in (0, 1)) + W[a] * (D1[a] - 2 * g * g * D2[a])
        return -s / (2 * pi)
    def epv(a):
        s = sum(W[a] * W[b] * g * (eps * D2[b] + X2[b]) for b in (0, 1))
        s += W[a] * (eps * (D1[a] - 2 * g * g * D2[a]) + X1[a] - 2 * g * g * X2[a])
        return -s / (2 * pi)
    noise = None if noise is None else noise / (2 * pi)
    return [force, friction, noise, J, JE, cpv(0), cpv(1), epv(0), epv(1)]

def cases(n, seed):
    r = random.Random(seed)
    for i in range(n):
        w = float(f"{10 ** r.uniform(-12, 3):.3g}")
        part = r.choice([0.5, 0.7, 0.9, 0.99])
        G1, G2 = float(f"{w * part:.4g}"), float(f"{w * (1 - part):.4g}")
        eps = r.choice([0.4, 0.4, 7.0, -0.3, round(r.uniform(-2, 2), 6), 1000.0, 0.0])
        def mu():
            k = r.randrange(6)
            if k == 0: return eps
            if k == 1: return eps + r.choice([-1, 1]) * w * r.choice([0.3, 1.0, 10.0, 1e3])
            if k == 2: return eps + r.choice([-1, 1]) * 10 ** r.uniform(-9, 1)
            return round(eps + r.uniform(-2, 2), 4)
        T = 0.0 if i % 2 == 0 else float(f"{10 ** r.uniform(-8, 1):.3g}")
        T2 = T if r.random() < 0.85 else r.choice([0.0, float(f"{10 ** r.uniform(-8, 1):.3g}")])
        m1 = mu(); m2 = m1 if r.random() < 0.15 else mu()
        yield [eps, G1, G2, m1, m2, T, T2]

def text(x): return None if x is None else float(mp.nstr(x, 20))
if __name__ == "__main__":
    import sys
    rows = [[c, [text(x) for x in one(*c)]] for c in cases(int(sys.argv[1]), int(sys.argv[2]))]
    print("[\n" + ",\n".join(json.dumps(x, separators=(",", ":")) for x in rows) + "\n]")
