// A turning dipole in a benzene ring: contacted at opposite atoms it pumps nothing, by the mirror through the contacts; elsewhere it does.
// Run after `npm run build`: node examples/benzene.js
import { loadEngine } from "nanopinwheel";

const engine = await loadEngine();

console.log("energy   para          meta");
for (const energy of [-2.2, -1.8, -1.4, -1, -0.6]) {
  const [para, meta] = ["para", "meta"].map((contacts) => {
    const device = engine.device({
      format: "nanopinwheel/1",
      device: { preset: "benzene", contacts },
    });
    const { charge, error } = device.pump({ energy });
    device.close();
    return Math.abs(charge.left) <= Math.max(error, 1e-12) ? 0 : charge.left;
  });
  console.log([energy.toFixed(1).padEnd(9), para.toFixed(9).padEnd(14), meta.toFixed(9)].join(""));
}
