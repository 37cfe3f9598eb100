// Laws of a turn on the kernels, everyday selection.
import { testTurnIdentities } from "./turn-identities.js";

testTurnIdentities(2, 384);
