// Identities at one configuration on the kernels, 200 random devices.
import { testForceIdentities } from "../forces/force-identities.js";

testForceIdentities(200);
