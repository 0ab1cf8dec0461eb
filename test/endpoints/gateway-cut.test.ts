import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { cutToSize, MIN_BYTES, sizeOf } from "../../endpoints/gateway/cut.ts";

const body = fc.dictionary(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.jsonValue({ maxDepth: 6, stringUnit: "binary" }),
  { maxKeys: 60 },
);
const large = fc
  .tuple(
    body,
    fc.array(body, { maxLength: 40 }),
    fc.string({ maxLength: 3000 }),
  )
  .map(([one, list, text]) => ({ ...one, list, text }));
const limit = fc.integer({ min: MIN_BYTES, max: 4096 });

describe("an answer that is cut", () => {
  test("is JSON below its limit, whatever it was, and says that it was cut", () => {
    fc.assert(
      fc.property(large, limit, (value, maxBytes) => {
        const before = JSON.stringify(value);
        const result = cutToSize(value, maxBytes);
        const text = JSON.stringify(result);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(result)));
        expect(JSON.stringify(value)).toBe(before);
        if (Buffer.byteLength(before) <= maxBytes) expect(result).toBe(value);
        else expect(text).toMatch(/"_*cut":"Too long/);
      }),
      { numRuns: 150 },
    );
  });

  test("is the same each time", () => {
    fc.assert(
      fc.property(large, limit, (value, maxBytes) => {
        const cut = () => JSON.stringify(cutToSize(value, maxBytes));
        expect(cut()).toBe(cut());
      }),
      { numRuns: 50 },
    );
  });

  test("keeps the small facts and says how much of a list is left out", () => {
    const orders = Array.from({ length: 300 }, (_, id) => ({ id, ok: true }));
    const result = cutToSize({ total: 300, orders, city: "Rome" }, 1024);
    expect(result).toMatchObject({ total: 300, city: "Rome" });
    const kept = result["orders"] as unknown[];
    expect(kept[0]).toEqual({ id: 0, ok: true });
    expect(kept.at(-1)).toBe(`… and ${300 - kept.length + 1} more`);
    expect(sizeOf(result)).toBeGreaterThan(900);
  });

  test("cuts what lies deep before it drops what lies above", () => {
    const days = ["Monday", "Tuesday", "Wednesday"].map((name) => ({
      name,
      notes: "x".repeat(5000),
      times: Array.from({ length: 400 }, (_, minute) => minute),
    }));
    const { days: kept } = cutToSize({ days }, 2048) as { days: typeof days };
    expect(kept.map(({ name }) => name)).toEqual(days.map(({ name }) => name));
    for (const { notes, times } of kept) {
      expect(notes).toMatch(/^x+…$/);
      expect(times.at(-1)).toMatch(/^… and \d+ more$/);
    }
  });

  test("keeps speech, also where the rest is endless", () => {
    const result = cutToSize(
      { text: "long ".repeat(5000), speech: "Here is what I found." },
      512,
    );
    expect(result["speech"]).toBe("Here is what I found.");
  });

  test("never cuts through a character, nor loses a count of fields", () => {
    const { result } = cutToSize({ result: "👩🏽‍🚀".repeat(500) }, 300);
    expect(String(result)).not.toMatch(/\p{Surrogate}/u);
    const many = Object.fromEntries(
      Array.from({ length: 900 }, (_, index) => [`field${index}`, index]),
    );
    const kept = cutToSize(many, 600);
    const left = 900 - Object.keys(kept).length + 2;
    expect(kept["…"]).toBe(`and ${left} more`);
  });

  test("its note does not take the place of a field", () => {
    const result = cutToSize({ cut: "short", text: "x".repeat(5000) }, 512);
    expect(result).toMatchObject({
      cut: "short",
      _cut: expect.stringMatching(/Too long/) as unknown,
    });
  });

  test("takes a field __proto__ for a field", () => {
    const value = JSON.parse(
      `{"__proto__":{"polluted":true},"text":"${"x".repeat(900)}"}`,
    ) as Record<string, unknown>;
    const result = cutToSize(value, 300);
    expect(Object.keys(result)).toContain("__proto__");
    expect((result as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
