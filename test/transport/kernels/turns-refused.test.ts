// Balances of a turn on the kernels for two hundred random devices: right, or refused with energy and causes, and that rarely. Two are
// (seeds 39 and 120): a resonance at the very edge of a periodic lead's band keeps the energy integral from 1e-9. Up to 6144 points:
// with 3072 the narrow peak of seed 174 still leaves 3e-8 in its energy, with 6144 it leaves 3e-11.
import { testTurnRefusals } from "./turn-identities.js";

testTurnRefusals(200, 6144, 0.03);
