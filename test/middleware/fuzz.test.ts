import { describe, expect, test } from "@jest/globals";
import { fuzzParsedBodies } from "../fuzz/parsed-bodies.ts";
import { fuzzSignatures } from "../fuzz/signatures.ts";

// `npm run fuzz` does fifty times as many.
describe("random changes", () => {
  test("no altered request of any scheme is accepted, and no good one refused", () => {
    const { altered, good, wrong } = fuzzSignatures(18_000);
    expect(wrong).toEqual([]);
    expect(altered).toBeGreaterThanOrEqual(18_000);
    expect(good).toBeGreaterThan(1000);
  });

  test("no altered body is accepted behind a parser, and no good one refused", () => {
    const { altered, good, wrong } = fuzzParsedBodies(2000);
    expect(wrong).toEqual([]);
    expect(altered).toBeGreaterThanOrEqual(2000);
    expect(good).toBeGreaterThan(100);
  });
});
