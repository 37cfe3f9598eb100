// Laws of a turn on the kernels, many random devices.
import { testTurnIdentities } from "./turn-identities.js";

testTurnIdentities(32, 3072);
