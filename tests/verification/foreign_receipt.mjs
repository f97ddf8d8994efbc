// Verifies a COSE Receipt with npm @transmute/cose: `node foreign_receipt.mjs CASES.json`, a list of
// {receipt, entry, jwk} with hex bytes. Prints a list of results: the verified root in hex, or null.

import { readFileSync } from "node:fs";

import * as cose from "@transmute/cose";

const verify = async ({ receipt, entry, jwk }) => {
  const verifier = cose.detached.verifier({ resolver: { resolve: async () => jwk } });
  try {
    // Its inclusion API takes the leaf's hash, which it computes from our log entry.
    const leaf = await cose.receipt.leaf(new Uint8Array(Buffer.from(entry, "hex")));
    const root = await cose.receipt.inclusion.verify({ entry: leaf, receipt: Buffer.from(receipt, "hex"), verifier });
    return Buffer.from(root).toString("hex");
  } catch {
    return null;
  }
};

const cases = JSON.parse(readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(await Promise.all(cases.map(verify))));
