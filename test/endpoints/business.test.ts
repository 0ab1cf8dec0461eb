import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { exampleBusiness, parseBusiness } from "../../endpoints/index.ts";

const example = readFileSync(exampleBusiness, "utf8");
const change = (more: object) => ({ ...(parse(example) as object), ...more });

describe("parseBusiness", () => {
  test("reads the example of the contract", () => {
    const nineToFive = [{ from: 540, to: 1020 }];
    expect(parseBusiness(example)).toEqual({
      name: "Example Practice",
      timezone: "America/Los_Angeles",
      country: "US",
      services: [
        { name: "consultation", minutes: 30, every: 30 },
        { name: "follow-up", minutes: 15, every: 15 },
      ],
      resources: [{ name: "main", capacity: 1 }],
      hours: {
        monday: nineToFive,
        tuesday: nineToFive,
        wednesday: nineToFive,
        thursday: nineToFive,
        friday: nineToFive,
        saturday: [],
        sunday: [],
      },
      noticeMinutes: 0,
      horizonDays: 365,
    });
  });

  const faults: [what: string, file: unknown, fault: RegExp][] = [
    ["no YAML", "a: [", /not YAML/],
    ["no object", "just text", /file must be object/],
    [
      "a zone that does not exist",
      change({ timezone: "Mars/Olympus" }),
      /timezone Mars\/Olympus is no IANA/,
    ],
    [
      "a country that does not exist",
      change({ country: "USA" }),
      /country USA/,
    ],
    [
      "an unknown word",
      change({ colour: "red" }),
      /additional properties: colour/,
    ],
    [
      "a length off the grain",
      change({ services: [{ name: "a", minutes: 7, every: 5 }] }),
      /services\/0\/minutes must be multiple of 5/,
    ],
    [
      "no service",
      change({ services: [] }),
      /services must NOT have fewer than 1/,
    ],
    [
      "one name twice",
      change({
        resources: [
          { name: "a", capacity: 1 },
          { name: "A", capacity: 1 },
        ],
      }),
      /resources\/1\/name is there twice/,
    ],
    [
      "hours that overlap",
      change({ hours: { monday: ["09:00-12:00", "11:00-15:00"] } }),
      /hours\/monday has ranges that overlap/,
    ],
    [
      "hours backwards",
      change({ hours: { monday: ["17:00-09:00"] } }),
      /hours\/monday\/0 expected HH:MM-HH:MM/,
    ],
    [
      "hours that are none",
      change({ hours: { monday: ["9 to 5"] } }),
      /hours\/monday\/0.*received 9 to 5/,
    ],
  ];
  test.each(faults)("names the fault: %s", (_, file, fault) => {
    expect(() => parseBusiness(file)).toThrow(fault);
    expect(() => parseBusiness(file)).toThrow(
      expect.objectContaining({ code: "ERR_BUSINESS" }),
    );
  });

  test("names every fault at once", () => {
    try {
      parseBusiness(
        change({
          timezone: "Mars/Olympus",
          country: "USA",
          hours: { monday: ["x"] },
        }),
      );
      throw new Error("it was taken");
    } catch (error) {
      expect((error as { faults: string[] }).faults).toHaveLength(3);
    }
  });
});
