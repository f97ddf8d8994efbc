import path from "node:path";
import { fileURLToPath } from "node:url";

import { defineConfig } from "hardhat/config";

const root = path.dirname(fileURLToPath(import.meta.url));

// Everything that Hardhat writes; runs that go side by side need a place each.
const output = process.env.CORRIDOR_HARDHAT_OUTPUT ?? path.join(root, "build", "hardhat");

export default defineConfig({
  paths: {
    sources: "contracts",
    tests: { solidity: "contracts/test" },
    artifacts: path.join(output, "artifacts"),
    cache: path.join(output, "cache"),
  },
  solidity: {
    compilers: [
      {
        version: "0.8.37",
        path: path.join(root, "node_modules", "solc", "soljson.js"),
        settings: {
          optimizer: { enabled: true, runs: 10_000 },
          evmVersion: "paris",
          metadata: { bytecodeHash: "none", appendCBOR: false },
        },
      },
    ],
  },
  test: {
    solidity: {
      fsPermissions: { readWriteFile: ["contracts/test/gas.json"] },
      // A pinned seed: a run is the same everywhere, and a failure comes back.
      fuzz: { runs: 256, seed: "0x636f727269646f72" },
      invariant: { runs: 32, depth: 128, failOnRevert: true },
    },
  },
});
