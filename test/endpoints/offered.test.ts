import { expect, test } from "@jest/globals";
import { fuzzOffered } from "../fuzz/offered.ts";

test("what is offered can be booked, and nothing else can, in 2,000 random businesses and days", async () => {
  const { wrong, ...count } = await fuzzOffered(2000, 40);
  expect(wrong.slice(0, 5)).toEqual([]);
  // That the cases are worth something.
  expect(count.allowed).toBeGreaterThan(20_000);
  expect(count.free).toBeGreaterThan(10_000);
  expect(count.booked).toBeGreaterThan(50);
  expect(count.refused).toBeGreaterThan(100);
}, 60_000);
