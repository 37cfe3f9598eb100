// Identities at one configuration on the kernels, everyday selection.
import { testForceIdentities } from "../forces/force-identities.js";

testForceIdentities(5);
