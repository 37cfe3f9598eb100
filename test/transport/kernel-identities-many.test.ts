// Identities at one configuration on the kernels, 200 random devices.
import { testForceIdentities } from "./force-identities.js";

testForceIdentities(200);
