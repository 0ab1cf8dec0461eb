import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { hoursOf } from "../../endpoints/business/business.ts";
import { exampleBusiness, parseBusiness } from "../../endpoints/index.ts";

const example = readFileSync(exampleBusiness, "utf8");
const change = (more: object) => ({ ...(parse(example) as object), ...more });

/** A file of six lines, and one more thing said in it. */
const SMALL = `
name: Small
timezone: Europe/Berlin
country: DE
services: [{ name: cut, minutes: 30 }]
resources: [{ name: Ann }]
hours: { monday: [09:00-17:00] }
`;
const inSmall = (from: string, to: string) => {
  expect(SMALL).toContain(from);
  return SMALL.replace(from, to);
};

function faultsOf(file: unknown): string[] {
  try {
    parseBusiness(file);
    return [];
  } catch (error) {
    expect(error).toMatchObject({
      name: "BusinessError",
      code: "ERR_BUSINESS",
      faults: expect.any(Array) as unknown,
    });
    return (error as { faults: string[] }).faults;
  }
}

describe("a business file that is right", () => {
  test("is read with all that it leaves out filled in", () => {
    const nineToFive = [{ from: 540, to: 1020 }];
    expect(parseBusiness(example)).toEqual({
      name: "Example Practice",
      timezone: "America/Los_Angeles",
      country: "US",
      services: [
        {
          name: "consultation",
          minutes: 30,
          every: 30,
          bufferBefore: 0,
          bufferAfter: 0,
        },
        {
          name: "follow-up",
          minutes: 15,
          every: 15,
          bufferBefore: 0,
          bufferAfter: 0,
        },
      ],
      resources: [
        {
          name: "main",
          key: "main",
          capacity: 1,
          services: ["consultation", "follow-up"],
        },
      ],
      hours: [...Array.from({ length: 5 }, () => nineToFive), [], []],
      exceptions: [],
      yearly: new Map(),
      noticeMinutes: 0,
      horizonDays: 365,
      cancelCutoffMinutes: 0,
      bookingsPerPhone: Infinity,
    });
  });

  test("may leave out rules, capacities and steps", () => {
    expect(parseBusiness(SMALL)).toMatchObject({
      services: [{ minutes: 30, every: 30 }],
      resources: [{ capacity: 1, services: ["cut"] }],
      noticeMinutes: 0,
      horizonDays: 365,
    });
  });

  test("is read the same as text and as the object that it says", () => {
    expect(parseBusiness(parse(example))).toEqual(parseBusiness(example));
  });

  test("is not written into", () => {
    const file = parse(example) as object;
    const before = structuredClone(file);
    parseBusiness(file);
    expect(file).toEqual(before);
  });

  test("names services in resources as people write them", () => {
    const file = change({
      resources: [
        { name: "Ann", services: ["Follow Up"] },
        { name: "Bob", capacity: 3, services: ["CONSULTATION", "follow_up"] },
      ],
    });
    expect(parseBusiness(file).resources).toEqual([
      { name: "Ann", key: "ann", capacity: 1, services: ["follow-up"] },
      {
        name: "Bob",
        key: "bob",
        capacity: 3,
        services: ["consultation", "follow-up"],
      },
    ]);
  });

  test("puts the ranges of a day in order", () => {
    const file = change({
      hours: { monday: ["13:00-17:00", " 9:00 - 12:00 ", "17:00-24:00"] },
    });
    expect(parseBusiness(file).hours[0]).toEqual([
      { from: 540, to: 720 },
      { from: 780, to: 1020 },
      { from: 1020, to: 1440 },
    ]);
  });

  test("holds with anchors, a byte order mark, and line ends of Windows", () => {
    const twice = inSmall(
      "{ monday: [09:00-17:00] }",
      "\n  monday: &day [09:00-12:00]\n  tuesday: *day",
    );
    const { hours } = parseBusiness(`\ufeff${twice.replaceAll("\n", "\r\n")}`);
    expect(hours[0]).toEqual([{ from: 540, to: 720 }]);
    expect(hours[1]).toEqual(hours[0]);
  });

  test("is what the example becomes when the comments about it are taken away", () => {
    const all = example.replaceAll(/^( *)# ( *[\w.-]+:)/gm, "$1$2");
    const business = parseBusiness(all);
    expect(business.services[0].bufferAfter).toBe(10);
    expect(business.bookingsPerPhone).toBe(3);
    expect(business.yearly).toEqual(new Map([["12-25", "Christmas"]]));
    expect(business.exceptions).toEqual([
      {
        from: "2026-12-24",
        to: "2026-12-24",
        ranges: [{ from: 540, to: 720 }],
      },
      { from: "2027-08-02", to: "2027-08-13", ranges: [] },
      {
        from: "2026-11-26",
        to: "2026-11-26",
        ranges: [],
        name: "Thanksgiving",
      },
    ]);
  });
});

describe("a business file that is wrong is refused by the path of the fault", () => {
  const faults: [what: string, file: unknown, fault: RegExp][] = [
    ["no YAML", "a: [", /^file is not YAML/],
    ["just text", "just text", /^file must be object, received "just text"/],
    ["nothing at all", "", /^file must be object, received null/],
    ["no file", undefined, /^file must be object/],
    ["a list", "- a", /^file must be object, received \["a"\]/],
    [
      "a zone of no place",
      change({ timezone: "Mars/Olympus" }),
      /^timezone expected an IANA name, received Mars\/Olympus/,
    ],
    [
      "an offset for a zone",
      change({ timezone: "+02:00" }),
      /^timezone .*received \+02:00/,
    ],
    [
      "the machine's zone",
      change({ timezone: "local" }),
      /^timezone .*received local/,
    ],
    [
      "a country of three letters",
      change({ country: "USA" }),
      /^country expected a code such as US, received USA/,
    ],
    [
      "an unknown field",
      change({ colour: "red" }),
      /^file has an unknown field colour/,
    ],
    [
      "an unknown field of a service",
      inSmall("minutes: 30", "minutes: 30, price: 5"),
      /^services\/0 has an unknown field price/,
    ],
    [
      "an unknown rule",
      `${SMALL}rules: { notice: 5 }`,
      /^rules has an unknown field notice/,
    ],
    ["a missing field", inSmall("country: DE", ""), /^file lacks country/],
    [
      "a service without a length",
      inSmall(", minutes: 30", ""),
      /^services\/0 lacks minutes/,
    ],
    [
      "no service",
      change({ services: [] }),
      /^services must NOT have fewer than 1/,
    ],
    [
      "no resource",
      change({ resources: [] }),
      /^resources must NOT have fewer than 1/,
    ],
    [
      "a length off the grain",
      inSmall("30", "7"),
      /^services\/0\/minutes must be multiple of 5, received 7/,
    ],
    [
      "a length of nothing",
      inSmall("30", "0"),
      /^services\/0\/minutes must be >= 5, received 0/,
    ],
    [
      "a length over a day",
      inSmall("30", "1445"),
      /^services\/0\/minutes must be <= 1440, received 1445/,
    ],
    [
      "a length as text",
      inSmall("30", "'30'"),
      /^services\/0\/minutes must be integer, received "30"/,
    ],
    [
      "a step of nothing",
      inSmall("30", "30, every: 0"),
      /^services\/0\/every must be >= 5/,
    ],
    [
      "a step off the grain",
      inSmall("30", "30, every: 12"),
      /^services\/0\/every must be multiple of 5/,
    ],
    [
      "a buffer below nothing",
      inSmall("30", "30, buffer_before: -5"),
      /^services\/0\/buffer_before must be >= 0/,
    ],
    [
      "a buffer above half a day",
      inSmall("30", "30, buffer_after: 725"),
      /^services\/0\/buffer_after must be <= 720/,
    ],
    [
      "a capacity of nothing",
      inSmall("name: Ann", "name: Ann, capacity: 0"),
      /^resources\/0\/capacity must be >= 1, received 0/,
    ],
    [
      "a notice below nothing",
      `${SMALL}rules: { notice_minutes: -1 }`,
      /^rules\/notice_minutes must be >= 0/,
    ],
    [
      "a horizon of no day",
      `${SMALL}rules: { horizon_days: 0 }`,
      /^rules\/horizon_days must be >= 1/,
    ],
    [
      "a day and a half of horizon",
      `${SMALL}rules: { horizon_days: 1.5 }`,
      /^rules\/horizon_days must be integer, received 1.5/,
    ],
    [
      "a cut-off below nothing",
      `${SMALL}rules: { cancel_cutoff_minutes: -1 }`,
      /^rules\/cancel_cutoff_minutes must be >= 0/,
    ],
    [
      "no booking for any phone",
      `${SMALL}rules: { bookings_per_phone: 0 }`,
      /^rules\/bookings_per_phone must be >= 1/,
    ],
    [
      "a name twice, as it sounds",
      change({ resources: [{ name: "Room A" }, { name: "room-a" }] }),
      /^resources\/1\/name is there twice: room-a/,
    ],
    [
      "a service that does not exist",
      inSmall("name: Ann", "name: Ann, services: [cut, wash]"),
      /^resources\/0\/services\/1 expected one of cut, received wash/,
    ],
    [
      "a service that nobody gives",
      inSmall(
        "minutes: 30 }",
        "minutes: 30 }, { name: wash, minutes: 15 }",
      ).replace("name: Ann", "name: Ann, services: [cut]"),
      /^services\/1 wash is given by no resource/,
    ],
    [
      "a service twice",
      change({
        services: [
          { name: "Follow up", minutes: 30 },
          { name: "follow-UP", minutes: 15 },
        ],
      }),
      /^services\/1\/name is there twice: follow-UP/,
    ],
    [
      "a name of blanks",
      inSmall("name: cut", "name: '  '"),
      /^services\/0\/name must be plain text with a letter or digit, received " {2}"/,
    ],
    [
      "a service longer than any hours",
      inSmall("30", "485"),
      /^services\/0 cut: 485 minutes fit into no open hours/,
    ],
    [
      "a service where nothing is ever open",
      inSmall("monday: [09:00-17:00]", ""),
      /^services\/0 cut: 30 minutes fit into no open hours/,
    ],
    [
      "a day of no week",
      inSmall("monday", "Monday"),
      /^hours expected monday, .*, received Monday/,
    ],
    [
      "a day called constructor",
      inSmall("monday", "constructor"),
      /^hours expected .*received constructor/,
    ],
    [
      "a day called __proto__",
      inSmall("monday", "__proto__"),
      /^hours expected .*received __proto__/,
    ],
    [
      "hours that overlap",
      inSmall("09:00-17:00", "09:00-12:00, 11:55-15:00"),
      /^hours\/monday has ranges that overlap/,
    ],
    [
      "hours backwards",
      inSmall("09:00-17:00", "17:00-09:00"),
      /^hours\/monday\/0 expected HH:MM-HH:MM/,
    ],
    [
      "hours over midnight",
      inSmall("09:00-17:00", "22:00-02:00"),
      /^hours\/monday\/0 expected HH:MM-HH:MM.*received 22:00-02:00/,
    ],
    [
      "hours beyond 24:00",
      inSmall("09:00-17:00", "09:00-24:05"),
      /^hours\/monday\/0 expected/,
    ],
    [
      "no time between two hours",
      inSmall("09:00-17:00", "09:00-09:00"),
      /^hours\/monday\/0 expected/,
    ],
    [
      "a minute of sixty",
      inSmall("09:00-17:00", "09:00-9:60"),
      /^hours\/monday\/0 expected/,
    ],
    [
      "hours off the grain",
      inSmall("09:00-17:00", "09:03-17:00"),
      /^hours\/monday\/0 expected .* steps of 5 minutes, .*received 09:03-17:00/,
    ],
    [
      "hours in words",
      inSmall("09:00-17:00", "9 to 5"),
      /^hours\/monday\/0 .*received 9 to 5/,
    ],
    [
      "the second of two ranges",
      inSmall("09:00-17:00", "09:00-12:00, x"),
      /^hours\/monday\/1 .*received x/,
    ],
    [
      "an override of no date",
      `${SMALL}overrides: { soon: [] }`,
      /^overrides\/soon expected YYYY-MM-DD/,
    ],
    [
      "an override backwards",
      `${SMALL}overrides: { 2026-12-24..2026-12-20: [] }`,
      /^overrides\/2026-12-24\.\.2026-12-20 expected/,
    ],
    [
      "an override with three dots",
      `${SMALL}overrides: { 2026-12-24...2026-12-26: [] }`,
      /^overrides\/2026-12-24\.\.\.2026-12-26 expected/,
    ],
    [
      "hours of an override",
      `${SMALL}overrides: { 2026-12-24: [x] }`,
      /^overrides\/2026-12-24\/0 expected HH:MM-HH:MM/,
    ],
    [
      "a holiday on no day",
      `${SMALL}holidays: [2026-12-25, 2026-02-30]`,
      /^holidays\/1 expected YYYY-MM-DD, .*received 2026-02-30/,
    ],
    [
      "a yearly holiday on no day",
      `${SMALL}holidays: { 02-30: Never }`,
      /^holidays\/02-30 expected/,
    ],
    [
      "a holiday with one digit",
      `${SMALL}holidays: [2026-2-3]`,
      /^holidays\/0 .*received 2026-2-3/,
    ],
    [
      "a holiday without a word",
      `${SMALL}holidays: { 12-25: "" }`,
      /^holidays\/12-25 must be plain text/,
    ],
  ];
  test.each(faults)("%s", (_, file, fault) => {
    const found = faultsOf(file);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(fault);
  });

  test("all faults of what the file says are told at once", () => {
    const file = change({
      timezone: "Mars/Olympus",
      country: "USA",
      resources: [{ name: "a", services: ["massage"] }],
      hours: { monday: ["x", "09:00-10:00"], someday: [] },
      overrides: { soon: ["y"] },
      holidays: ["never"],
    });
    const paths = faultsOf(file).map((fault) => fault.split(" ")[0]);
    expect(new Set(paths)).toEqual(
      new Set([
        "country",
        "holidays/0",
        "hours",
        "hours/monday/0",
        "overrides/soon",
        "overrides/soon/0",
        "resources/0/services/0",
        "services/0",
        "services/1",
        "timezone",
      ]),
    );
  });

  test("all faults of its shape are told at once", () => {
    const file = inSmall("minutes: 30", "minutes: 7, every: 3")
      .replace("country: DE\n", "")
      .replace("[09:00-17:00]", "9");
    expect(faultsOf(file).map((fault) => fault.split(" ")[0])).toEqual([
      "file",
      "services/0/minutes",
      "services/0/every",
      "services/0/every",
      "hours/monday",
    ]);
  });
});

describe("what YAML makes of a text", () => {
  const faults: [what: string, file: string, fault: RegExp][] = [
    ["tabs", `${SMALL}rules:\n\tnotice_minutes: 5`, /not YAML: Tabs .* line 9/],
    ["a field twice", `${SMALL}name: B`, /not YAML: Map keys must be unique/],
    [
      "a weekday twice",
      inSmall("] }", "], monday: [18:00-19:00] }"),
      /not YAML: Map keys must be unique/,
    ],
    [
      "two documents",
      `${SMALL}---\na: 1`,
      /not YAML: Source contains multiple documents/,
    ],
    [
      "an alias of nothing",
      inSmall("[09:00-17:00]", "*day"),
      /not YAML: .*alias.*day/i,
    ],
    [
      "merge keys",
      inSmall("monday:", "<<: { tuesday: [] }, monday:"),
      /^hours\/<< must be array/,
    ],
    [
      "no, which is no country here",
      inSmall("DE", "no"),
      /^country .*received no/,
    ],
    [
      "a number for a name",
      inSmall("name: Small", "name: 2026"),
      /^name must be string, received 2026/,
    ],
    [
      "one time for a range, not read in sixties",
      inSmall("09:00-17:00", "09:00"),
      /^hours\/monday\/0 .*received 09:00/,
    ],
    [
      "a range that is no list",
      inSmall("[09:00-17:00]", "09:00-17:00"),
      /^hours\/monday must be array, received "09:00-17:00"/,
    ],
    [
      "a day with nothing behind it",
      inSmall("[09:00-17:00]", ""),
      /^hours\/monday must be array, received null/,
    ],
    [
      "a field called __proto__",
      `${SMALL}__proto__: { name: x }`,
      /^file has an unknown field __proto__/,
    ],
  ];
  test.each(faults)("is named: %s", (_, file, fault) => {
    const found = faultsOf(file);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(fault);
  });

  test("a file of aliases upon aliases is refused soon", () => {
    const levels = ["a: &a [x, x, x, x, x, x, x, x, x, x]"];
    for (const [from, to] of ["ab", "bc", "cd", "de", "ef"])
      levels.push(`${to}: &${to} [${`*${from}, `.repeat(10)}]`);
    expect(faultsOf(levels.join("\n"))[0]).toMatch(/not YAML: Excessive alias/);
  });

  test("Norway, dates as keys and times in brackets stay what they say", () => {
    const business = parseBusiness(
      `${inSmall("DE", "NO")}overrides: { 2026-12-24: [09:00-12:00] }\nholidays: { 2026-12-26: Box, 01-01: New Year }`,
    );
    expect(business.country).toBe("NO");
    expect(business.exceptions.map(({ from }) => from)).toEqual([
      "2026-12-24",
      "2026-12-26",
    ]);
    expect([...business.yearly]).toEqual([["01-01", "New Year"]]);
  });
});

describe("the edges of the rules are taken", () => {
  const edges: [what: string, file: string][] = [
    ["a service of one grain", inSmall("30", "5, every: 5")],
    [
      "a service of a day",
      inSmall("30", "1440").replace(
        "monday: [09:00-17:00]",
        "monday: [00:00-24:00]",
      ),
    ],
    [
      "buffers of half a day",
      inSmall("30", "30, buffer_before: 720, buffer_after: 720"),
    ],
    ["a thousand at a time", inSmall("name: Ann", "name: Ann, capacity: 1000")],
    [
      "a notice of a year",
      `${SMALL}rules: { notice_minutes: 527040, horizon_days: 400 }`,
    ],
    ["rules with nothing behind them", `${SMALL}rules:`],
    ["a service as long as the longest hours", inSmall("30", "480")],
    [
      "a service over the midnight of Sunday",
      inSmall("30", "240").replace(
        "monday: [09:00-17:00]",
        "monday: [00:00-02:00], sunday: [22:00-24:00]",
      ),
    ],
    [
      "a service that only an override has room for",
      `${inSmall("30", "600")}overrides: { 2026-12-24: [08:00-18:00] }`,
    ],
    [
      "a service that an override at midnight may have room for",
      `${inSmall("30", "600").replace("monday: [09:00-17:00]", "monday: [16:00-24:00]")}overrides: { 2026-12-22: [00:00-02:00] }`,
    ],
    ["a horizon of one day", `${SMALL}rules: { horizon_days: 1 }`],
    ["a horizon of ten years", `${SMALL}rules: { horizon_days: 3650 }`],
    ["ranges that touch", inSmall("09:00-17:00", "09:00-12:00, 12:00-17:00")],
    ["all day", inSmall("09:00-17:00", "0:00-24:00")],
    ["no holidays", `${SMALL}holidays: []`],
    ["no overrides", `${SMALL}overrides: {}`],
    [
      "an override of one day as a span",
      `${SMALL}overrides: { 2026-12-24..2026-12-24: [] }`,
    ],
  ];
  test.each(edges)("%s", (_, file) => {
    expect(faultsOf(file)).toEqual([]);
  });
});

describe("hoursOf", () => {
  const business = parseBusiness(`${SMALL}
overrides:
  2026-12-20..2026-12-22: []
  2026-12-22: [12:00-13:00]
  2026-12-25: [10:00-11:00]
holidays:
  2026-12-21..2026-12-30: Winter break
  12-25: Christmas
  01-01: New Year
  02-29: Leap day
`);
  const days: [date: string, ranges: object[], name?: string][] = [
    ["2026-12-14", [{ from: 540, to: 1020 }]],
    ["2026-12-19", []],
    ["2026-12-20", []],
    ["2026-12-21", []],
    // One day wins over the days around it.
    ["2026-12-22", [{ from: 720, to: 780 }]],
    ["2026-12-23", [], "Winter break"],
    ["2026-12-25", [{ from: 600, to: 660 }]],
    ["2026-12-30", [], "Winter break"],
    ["2027-12-25", [], "Christmas"],
    ["2028-01-01", [], "New Year"],
    ["2028-02-29", [], "Leap day"],
    ["2027-02-28", []],
    ["2027-03-01", [{ from: 540, to: 1020 }]],
  ];
  test.each(days.map((day) => ({ day })))(
    "$day.0",
    ({ day: [date, ranges, name] }) => {
      const weekday = (new Date(date).getUTCDay() + 6) % 7;
      const found = hoursOf(business, date, weekday);
      expect([found.ranges, found.name]).toEqual([ranges, name]);
    },
  );
});
