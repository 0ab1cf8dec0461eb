import { describe, expect, test } from "@jest/globals";
import type { Business, Service } from "../../endpoints/business/business.ts";
import { parseBusiness } from "../../endpoints/index.ts";
import { createAvailability } from "../../endpoints/scheduling/availability.ts";
import {
  freeLanes,
  hasFreeLane,
  listLanes,
  toBusy,
  toGrains,
} from "../../endpoints/scheduling/lanes.ts";
import { pickStarts } from "../../endpoints/scheduling/pick.ts";
import {
  afterNotice,
  findClosedDay,
  listStarts,
} from "../../endpoints/scheduling/starts.ts";
import type { Start } from "../../endpoints/scheduling/starts.ts";
import { openStore } from "../../endpoints/store/index.ts";
import { toClock } from "../../endpoints/times/spoken.ts";

const WEEK = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
];
const MONDAY = "2026-03-09";

interface Rules {
  timezone?: string;
  /** Of every day, or day by day. */
  hours?: string[] | Record<string, string[]>;
  service?: object;
  resources?: object[];
  services?: object[];
  more?: object;
}

function createBusiness(rules: Rules): {
  business: Business;
  service: Service;
} {
  const { hours = ["09:00-17:00"], service = {} } = rules;
  const business = parseBusiness({
    name: "Any",
    timezone: rules.timezone ?? "UTC",
    country: "US",
    services: rules.services ?? [{ name: "any", minutes: 60, ...service }],
    resources: rules.resources ?? [{ name: "ann" }],
    hours: Array.isArray(hours)
      ? Object.fromEntries(WEEK.map((day) => [day, hours]))
      : hours,
    ...rules.more,
  });
  return { business, service: business.services[0] };
}

/** "09:00", "01:30 first": the starts of a day, as the wall clock shows them. */
function timesOf(rules: Rules, date = MONDAY): string[] {
  const { business, service } = createBusiness(rules);
  return listStarts(business, service, date).map(say);
}

function say({ minutes, which }: Start): string {
  return which === undefined
    ? toClock(minutes)
    : `${toClock(minutes)} ${which}`;
}

describe("the starts of a day", () => {
  const plain: [claim: string, rules: Rules, times: string[]][] = [
    [
      "the last one ends when the hours end",
      { hours: ["09:00-12:00"] },
      ["09:00", "10:00", "11:00"],
    ],
    [
      "none that would end after the hours",
      { hours: ["09:00-11:55"] },
      ["09:00", "10:00"],
    ],
    [
      "one in hours just as long as the service",
      { hours: ["09:00-10:00"] },
      ["09:00"],
    ],
    [
      "none in hours shorter than the service",
      { hours: { monday: ["09:00-09:55"], tuesday: ["09:00-17:00"] } },
      [],
    ],
    [
      "none on a day without hours",
      { hours: { tuesday: ["09:00-17:00"] } },
      [],
    ],
    [
      "as often as every says",
      { hours: ["09:00-11:00"], service: { every: 20 } },
      ["09:00", "09:20", "09:40", "10:00"],
    ],
    [
      "with pauses where every is longer than the service",
      { hours: ["09:00-13:00"], service: { every: 75 } },
      ["09:00", "10:15", "11:30"],
    ],
    [
      "anew after each break",
      { hours: ["09:00-10:30", "11:15-13:15"] },
      ["09:00", "11:15", "12:15"],
    ],
    [
      "none that would reach over a break",
      { hours: ["09:00-10:30", "10:35-12:00"], service: { every: 30 } },
      ["09:00", "09:30", "10:35"],
    ],
    [
      "across ranges that touch",
      { hours: ["09:00-10:30", "10:30-12:00"] },
      ["09:00", "10:00", "10:30"],
    ],
    [
      "across midnight, where the next day opens at 00:00",
      { hours: { monday: ["22:30-24:00"], tuesday: ["00:00-02:00"] } },
      ["22:30", "23:30"],
    ],
    [
      "not across midnight, where the next day opens later",
      { hours: { monday: ["22:30-24:00"], tuesday: ["00:05-02:00"] } },
      ["22:30"],
    ],
    [
      "each hour of a day that is always open",
      { hours: ["00:00-24:00"] },
      Array.from({ length: 24 }, (_, hour) => toClock(hour * 60)),
    ],
    [
      "a service of 24 hours, where both days are always open",
      { hours: ["00:00-24:00"], service: { minutes: 1440, every: 720 } },
      ["00:00", "12:00"],
    ],
    [
      "buffers may reach beyond the hours",
      {
        hours: ["09:00-11:00"],
        service: { buffer_before: 60, buffer_after: 120 },
      },
      ["09:00", "10:00"],
    ],
    ["none on a holiday", { more: { holidays: [MONDAY] } }, []],
    ["none on a holiday of every year", { more: { holidays: ["03-09"] } }, []],
    [
      "an override wins over its weekday",
      { more: { overrides: { [MONDAY]: ["18:00-20:00"] } } },
      ["18:00", "19:00"],
    ],
    [
      "an override wins over a holiday",
      {
        more: { holidays: [MONDAY], overrides: { [MONDAY]: ["18:00-20:00"] } },
      },
      ["18:00", "19:00"],
    ],
    [
      "an override may close",
      { more: { overrides: { "2026-03-07..2026-03-09": [] } } },
      [],
    ],
    [
      "a holiday ends the service of the night before",
      {
        hours: ["22:30-24:00", "00:00-01:00"],
        more: { holidays: ["2026-03-10"] },
      },
      ["00:00", "22:30"],
    ],
  ];
  test.each(plain)("%s", (_, rules, times) => {
    expect(timesOf(rules)).toEqual(times);
  });

  test("29 February is a day like others, and a holiday only where it is", () => {
    const rules = { hours: ["09:00-10:00"], more: { holidays: ["02-29"] } };
    expect(timesOf(rules, "2028-02-29")).toEqual([]);
    expect(timesOf(rules, "2027-02-28")).toEqual(["09:00"]);
    expect(timesOf(rules, "2027-03-01")).toEqual(["09:00"]);
    expect(timesOf({ hours: ["09:00-10:00"] }, "2028-02-29")).toEqual([
      "09:00",
    ]);
  });

  const changes: [
    claim: string,
    zone: string,
    date: string,
    hours: string[] | Record<string, string[]>,
    service: object,
    times: string[],
  ][] = [
    [
      "times that the clock skips do not exist",
      "America/Los_Angeles",
      "2026-03-08",
      ["01:00-05:00"],
      {},
      ["01:00", "03:00", "04:00"],
    ],
    [
      "a service lasts as long as it lasts where the clock jumps",
      "America/Los_Angeles",
      "2026-03-08",
      ["01:30-04:30"],
      { every: 30 },
      ["01:30", "03:00", "03:30"],
    ],
    [
      "hours that the clock skips are none",
      "America/Los_Angeles",
      "2026-03-08",
      ["02:00-03:00"],
      { minutes: 5 },
      [],
    ],
    [
      "hours that open in the gap open when it ends",
      "America/Los_Angeles",
      "2026-03-08",
      ["02:30-04:30"],
      { every: 30 },
      ["03:00", "03:30"],
    ],
    [
      "hours that close in the gap close when it begins",
      "America/Los_Angeles",
      "2026-03-08",
      ["00:30-02:30"],
      { every: 30 },
      ["00:30", "01:00"],
    ],
    [
      "a time that is shown twice is two starts",
      "America/Los_Angeles",
      "2026-11-01",
      ["00:00-03:00"],
      {},
      ["00:00", "01:00 first", "01:00 second", "02:00"],
    ],
    [
      "hours that open at a repeated time open at the first",
      "America/Los_Angeles",
      "2026-11-01",
      ["01:30-03:00"],
      { minutes: 30 },
      ["01:30 first", "01:30 second", "02:00", "02:30"],
    ],
    [
      "hours that close at a repeated time close at the first",
      "America/Los_Angeles",
      "2026-11-01",
      ["00:00-01:30"],
      { minutes: 30 },
      ["00:00", "00:30", "01:00 first"],
    ],
    [
      "a service may run through the repeated hour",
      "America/Los_Angeles",
      "2026-11-01",
      { monday: ["09:00-17:00"], sunday: ["01:00-02:00"] },
      { minutes: 120, every: 30 },
      ["01:00 first"],
    ],
    [
      "half an hour is skipped on Lord Howe",
      "Australia/Lord_Howe",
      "2026-10-04",
      ["01:30-04:00"],
      { minutes: 30 },
      ["01:30", "02:30", "03:00", "03:30"],
    ],
    [
      "half an hour is repeated on Lord Howe",
      "Australia/Lord_Howe",
      "2026-04-05",
      ["01:00-02:30"],
      { minutes: 30, every: 15 },
      [
        "01:00",
        "01:15",
        "01:30 first",
        "01:45 first",
        "01:30 second",
        "01:45 second",
        "02:00",
      ],
    ],
    [
      "two hours are skipped at Troll",
      "Antarctica/Troll",
      "2026-03-29",
      ["00:00-05:00"],
      {},
      ["00:00", "03:00", "04:00"],
    ],
    [
      "Cairo's day begins at 01:00 when midnight is skipped",
      "Africa/Cairo",
      "2026-04-24",
      ["00:00-03:00"],
      {},
      ["01:00", "02:00"],
    ],
    [
      "Cairo's evening has its last hour twice",
      "Africa/Cairo",
      "2026-10-29",
      ["22:00-24:00"],
      {},
      ["22:00", "23:00 first", "23:00 second"],
    ],
    [
      "Havana's day has two midnights",
      "America/Havana",
      "2026-11-01",
      ["00:00-02:00"],
      {},
      ["00:00 first", "00:00 second", "01:00"],
    ],
    [
      "Nuuk's evening ends at 23:00 when it is skipped",
      "America/Nuuk",
      "2026-03-28",
      ["21:00-24:00"],
      {},
      ["21:00", "22:00"],
    ],
    [
      "Apia's missing day has none",
      "Pacific/Apia",
      "2011-12-30",
      ["00:00-24:00"],
      {},
      [],
    ],
    [
      "nights are open across the clock's jump at midnight",
      "Africa/Cairo",
      "2026-04-23",
      ["00:00-24:00"],
      { minutes: 120, every: 720 },
      ["00:00", "12:00"],
    ],
    [
      "the evening before Apia's missing day goes on after it",
      "Pacific/Apia",
      "2011-12-29",
      ["00:00-01:00", "23:00-24:00"],
      { minutes: 120 },
      ["23:00"],
    ],
    [
      "a day's service before a short day ends in the day after",
      "Africa/Cairo",
      "2026-04-23",
      ["00:00-24:00"],
      { minutes: 1440, every: 690 },
      ["00:00", "11:30", "23:00"],
    ],
  ];
  test.each(changes)(
    "%s: %s %s",
    (_, timezone, date, hours, service, times) => {
      expect(timesOf({ timezone, hours, service }, date)).toEqual(times);
    },
  );

  test("are in order of time, each with its instant", () => {
    const { business, service } = createBusiness({
      timezone: "America/Los_Angeles",
      hours: ["01:00-03:00"],
      service: { every: 30, minutes: 30 },
    });
    const starts = listStarts(business, service, "2026-11-01");
    expect(
      starts.map(({ instant }) => new Date(instant).toISOString()),
    ).toEqual(
      ["08:00", "08:30", "09:00", "09:30", "10:00", "10:30"].map(
        (time) => `2026-11-01T${time}:00.000Z`,
      ),
    );
    expect(starts.map(say)).toEqual([
      "01:00 first",
      "01:30 first",
      "01:00 second",
      "01:30 second",
      "02:00",
      "02:30",
    ]);
  });
});

describe("notice", () => {
  const cases: [
    claim: string,
    notice: number,
    now: string,
    first: string | undefined,
  ][] = [
    [
      "a start at this very moment may be booked",
      0,
      "2026-03-09T09:00:00Z",
      "09:00",
    ],
    ["a start that began may not", 0, "2026-03-09T09:00:00.001Z", "10:00"],
    [
      "a start just as far ahead as the notice may be booked",
      120,
      "2026-03-09T09:00:00Z",
      "11:00",
    ],
    [
      "a start nearer than the notice may not",
      121,
      "2026-03-09T09:00:00Z",
      "12:00",
    ],
    ["the day before, all of the day", 120, "2026-03-08T00:00:00Z", "09:00"],
    [
      "a notice longer than is left of the day",
      1440,
      "2026-03-09T00:00:00Z",
      undefined,
    ],
  ];
  test.each(cases)("%s", (_, notice, now, first) => {
    const { business, service } = createBusiness({
      more: { rules: { notice_minutes: notice } },
    });
    const starts = listStarts(business, service, MONDAY);
    const [found] = afterNotice(business, starts, new Date(now));
    expect(found && say(found)).toBe(first);
  });

  const elapsed: [claim: string, date: string, now: string, first: string][] = [
    // On the evening before, 21:00 by the wall clock.
    [
      "a plain night: 12 hours on are 9:00",
      "2026-03-10",
      "2026-03-10T04:00:00Z",
      "09:00",
    ],
    [
      "a short night: 12 hours on are 10:00",
      "2026-03-08",
      "2026-03-08T05:00:00Z",
      "10:00",
    ],
    [
      "a long night: 12 hours on are 8:00",
      "2026-11-01",
      "2026-11-01T04:00:00Z",
      "08:00",
    ],
  ];
  test.each(elapsed)("counts hours that pass, in %s", (_, date, now, first) => {
    const { business, service } = createBusiness({
      timezone: "America/Los_Angeles",
      hours: ["06:00-18:00"],
      more: { rules: { notice_minutes: 720 } },
    });
    const starts = listStarts(business, service, date);
    const [found] = afterNotice(business, starts, new Date(now));
    expect(found && say(found)).toBe(first);
  });
});

describe("days that are not open for booking", () => {
  const { business } = createBusiness({
    timezone: "America/Los_Angeles",
    hours: {
      monday: ["09:00-17:00"],
      tuesday: ["09:00-17:00"],
      sunday: ["09:00-17:00"],
    },
    more: {
      rules: { horizon_days: 7 },
      holidays: { "2026-03-10": "Founding Day", "2026-03-15": "Spring Rest" },
    },
  });
  // 23:30 on Sunday, March 8, by the wall clock there, 6:30 on Monday in UTC; a day of 23 hours.
  const lateSunday = "2026-03-09T06:30:00Z";
  const cases: [date: string, now: string, closed: object | undefined][] = [
    ["2026-03-08", lateSunday, undefined],
    ["2026-03-07", lateSunday, { code: "date_in_past" }],
    ["2026-03-09", lateSunday, undefined],
    ["2026-03-10", lateSunday, { code: "closed", name: "Founding Day" }],
    ["2026-03-11", lateSunday, { code: "closed" }],
    ["2026-03-15", lateSunday, { code: "closed", name: "Spring Rest" }],
    ["2026-03-16", lateSunday, { code: "outside_rules" }],
    ["2026-03-16", "2026-03-09T07:00:00Z", undefined],
    ["2026-03-08", "2026-03-09T07:00:00Z", { code: "date_in_past" }],
    ["2026-03-02", "2026-03-09T07:00:00Z", { code: "date_in_past" }],
    // The horizon counts days, not 24 hours: 7 days on from a short week and from its last minute.
    ["2026-03-09", "2026-03-02T08:00:00Z", undefined],
    ["2026-03-09", "2026-03-02T07:59:00Z", { code: "outside_rules" }],
  ];
  test.each(cases.map((each) => ({ each })))(
    "$each.0 at $each.1",
    ({ each: [date, now, closed] }) => {
      expect(findClosedDay(business, date, new Date(now))).toEqual(closed);
    },
  );

  test("a day that a zone left out is closed, the days beside it are not", () => {
    const apia = createBusiness({ timezone: "Pacific/Apia" }).business;
    const now = new Date("2011-12-28T12:00:00Z");
    expect(findClosedDay(apia, "2011-12-29", now)).toBeUndefined();
    expect(findClosedDay(apia, "2011-12-30", now)).toEqual({ code: "closed" });
    expect(findClosedDay(apia, "2011-12-31", now)).toBeUndefined();
  });
});

describe("the lanes of a service", () => {
  const { business } = createBusiness({
    services: [
      { name: "cut", minutes: 30 },
      { name: "wash", minutes: 15 },
    ],
    resources: [
      { name: "ann", services: ["cut"] },
      { name: "room 1", capacity: 2 },
      { name: "constructor", services: ["wash"] },
    ],
  });

  test("are those of the resources that give it, one for each place", () => {
    const lanes = business.services.map((service) =>
      listLanes(business, service).map(
        ({ resource, lane }) => `${resource}/${lane}`,
      ),
    );
    expect(lanes).toEqual([
      ["ann/0", "room-1/0", "room-1/1"],
      ["room-1/0", "room-1/1", "constructor/0"],
    ]);
  });

  test("own the time of the service and its buffers, in grains of five minutes", () => {
    const [noon, grain] = [Date.parse("2026-03-09T12:00:00Z"), 300_000];
    const grains = (bufferBefore: number, bufferAfter: number) =>
      toGrains(noon, {
        name: "any",
        minutes: 15,
        every: 15,
        bufferBefore,
        bufferAfter,
      }).map((at) => (at - noon) / grain);
    expect(grains(0, 0)).toEqual([0, 1, 2]);
    expect(grains(10, 0)).toEqual([-2, -1, 0, 1, 2]);
    expect(grains(0, 5)).toEqual([0, 1, 2, 3]);
    expect(grains(5, 10)).toEqual([-1, 0, 1, 2, 3, 4]);
  });

  test("are free where no grain is taken, each by itself", () => {
    const lanes = listLanes(business, business.services[0]);
    const claim = (resource: string, lane: number, start: number) => ({
      resource,
      lane,
      start,
      owner: "somebody",
    });
    const claims = [claim("ann", 0, 10), claim("room-1", 1, 5)];
    const busy = toBusy(claims, new Date(0), undefined);
    const free = (grains: number[]) =>
      freeLanes(lanes, grains, busy).map(
        ({ resource, lane }) => `${resource}/${lane}`,
      );
    expect(free([0])).toEqual(["ann/0", "room-1/0", "room-1/1"]);
    expect(free([5, 10])).toEqual(["room-1/0"]);
    expect(free([0, 5])).toEqual(["ann/0", "room-1/0"]);
    expect(hasFreeLane(lanes.slice(0, 1), [5, 10], busy)).toBe(false);
    expect(hasFreeLane([], [5], busy)).toBe(false);
  });

  test("are not blocked by holds that are over, nor by one's own", () => {
    const now = new Date("2026-03-09T12:00:00Z");
    const isFree = (owner: string, left?: number) => {
      const expires =
        left === undefined ? {} : { expires: now.getTime() + left };
      const claims = [
        { resource: "ann", lane: 0, start: 5, owner, ...expires },
      ];
      return hasFreeLane(
        [{ resource: "ann", lane: 0 }],
        [5],
        toBusy(claims, now, "me"),
      );
    };
    expect(isFree("other")).toBe(false);
    expect(isFree("other", 1)).toBe(false);
    expect(isFree("other", 0)).toBe(true);
    expect(isFree("other", -1)).toBe(true);
    expect(isFree("me", 1)).toBe(true);
  });
});

describe("what is free", () => {
  /** The times left of 9 to 12 when some starts are booked one after another. */
  async function timesLeft(rules: Rules, taken: string[]): Promise<string[]> {
    const { business, service } = createBusiness({
      hours: ["09:00-12:00"],
      ...rules,
    });
    const store = await openStore("sqlite::memory:");
    try {
      for (const [index, at] of taken.entries()) {
        const [time = "", resource = "ann", lane = "0"] = at.split("/");
        const grains = toGrains(Date.parse(`${MONDAY}T${time}Z`), service);
        await store.execute(undefined, async (transaction) => {
          const place = { resource, lane: Number(lane) };
          const isTaken = await transaction.claim(place, grains, `${index}`);
          expect(isTaken).toBe(true);
          return { answer: { speech: "" }, commit: true, remember: false };
        });
      }
      const { offeredStarts, freeStarts } = createAvailability(
        business,
        store,
        () => new Date("2026-03-08T00:00:00Z"),
      );
      const free = await freeStarts(
        { service, viewer: undefined },
        offeredStarts(service, MONDAY),
      );
      return free.map(say);
    } finally {
      await store.close();
    }
  }

  const buffers = { minutes: 30, every: 15 };
  const cases: [
    claim: string,
    rules: Rules,
    taken: string[],
    left: string[],
  ][] = [
    ["all when nothing is taken", {}, [], ["09:00", "10:00", "11:00"]],
    ["not what is taken", {}, ["10:00"], ["09:00", "11:00"]],
    ["not what a booking off the grid touches", {}, ["09:55"], ["11:00"]],
    [
      "what begins when another ends",
      { service: buffers },
      ["10:00"],
      ["09:00", "09:15", "09:30", "10:30", "10:45", "11:00", "11:15", "11:30"],
    ],
    [
      "buffers of neighbours add up",
      { service: { ...buffers, buffer_before: 10, buffer_after: 20 } },
      ["10:00"],
      ["09:00", "11:00", "11:15", "11:30"],
    ],
    [
      "a buffer reaches before the hours, where something may be in the way",
      { service: { ...buffers, buffer_before: 30 } },
      ["08:15"],
      [
        "09:15",
        "09:30",
        "09:45",
        "10:00",
        "10:15",
        "10:30",
        "10:45",
        "11:00",
        "11:15",
        "11:30",
      ],
    ],
    [
      "a buffer reaches beyond the hours, where something may be in the way",
      { service: { ...buffers, every: 60, buffer_after: 60 } },
      ["12:00"],
      ["09:00", "10:00"],
    ],
    [
      "what one of two places has left",
      { resources: [{ name: "ann", capacity: 2 }] },
      ["10:00/ann/1"],
      ["09:00", "10:00", "11:00"],
    ],
    [
      "not what both places have taken",
      { resources: [{ name: "ann", capacity: 2 }] },
      ["10:00/ann/0", "10:00/ann/1"],
      ["09:00", "11:00"],
    ],
    [
      "what another resource has left",
      { resources: [{ name: "ann" }, { name: "bob" }] },
      ["10:00/ann"],
      ["09:00", "10:00", "11:00"],
    ],
    [
      "not what only somebody else's resource has left",
      {
        services: [
          { name: "any", minutes: 60 },
          { name: "other", minutes: 60 },
        ],
        resources: [
          { name: "ann", services: ["any"] },
          { name: "bob", services: ["other"] },
        ],
      },
      ["10:00/ann", "11:00/bob"],
      ["09:00", "11:00"],
    ],
    [
      "no half in one lane and half in another",
      { service: { every: 30 }, resources: [{ name: "ann", capacity: 2 }] },
      ["09:00/ann/0", "10:00/ann/1"],
      ["09:00", "10:00", "10:30", "11:00"],
    ],
  ];
  test.each(cases)("is %s", async (_, rules, taken, left) => {
    expect(await timesLeft(rules, taken)).toEqual(left);
  });
});

describe("pickStarts", () => {
  const day = Array.from({ length: 16 }, (_, index) => ({
    date: MONDAY,
    minutes: 540 + index * 30,
    instant: index,
  }));
  const cases: [
    claim: string,
    limit: number,
    wish: string | undefined,
    picked: string[],
  ][] = [
    [
      "spreads over the day with its first and last",
      6,
      undefined,
      ["09:00", "10:30", "12:00", "13:30", "15:00", "16:30"],
    ],
    ["gives the first and last of two", 2, undefined, ["09:00", "16:30"]],
    ["gives the first of one", 1, undefined, ["09:00"]],
    ["gives the nearest to a wish", 3, "14:30", ["14:00", "14:30", "15:00"]],
    ["gives the nearest alone", 1, "14:40", ["14:30"]],
    ["gives the earlier of two that are as near", 1, "14:45", ["14:30"]],
    [
      "gives the day's ends beside the nearest",
      4,
      "12:10",
      ["09:00", "12:00", "12:30", "16:30"],
    ],
    [
      "gives what is nearest to a wish before the day",
      3,
      "06:00",
      ["09:00", "09:30", "10:00"],
    ],
    [
      "gives what is nearest to a wish after the day",
      3,
      "23:00",
      ["15:30", "16:00", "16:30"],
    ],
    [
      "gives as many as asked for when the wish is an end",
      4,
      "09:00",
      ["09:00", "09:30", "10:00", "16:30"],
    ],
  ];
  test.each(cases)("%s", (_, limit, wish, picked) => {
    const [hours = 0, minutes = 0] = (wish ?? "").split(":").map(Number);
    const found =
      wish === undefined
        ? pickStarts(day, limit)
        : pickStarts(day, limit, hours * 60 + minutes);
    expect(found.map(say)).toEqual(picked);
  });

  test("gives all when there are no more than the limit, and none of none", () => {
    expect(pickStarts(day.slice(0, 6), 6, 600)).toEqual(day.slice(0, 6));
    expect(pickStarts([], 6)).toEqual([]);
  });

  test("never gives one twice, whatever the limit", () => {
    for (let limit = 1; limit <= day.length; limit++)
      for (const wish of [undefined, 600, 1000]) {
        const picked =
          wish === undefined
            ? pickStarts(day, limit)
            : pickStarts(day, limit, wish);
        expect(new Set(picked).size).toBe(limit);
        expect(picked).toEqual(day.filter((start) => picked.includes(start)));
      }
  });
});
