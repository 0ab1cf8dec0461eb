import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import express from "express";
import supertest from "supertest";
import {
  createEndpoints,
  exampleBusiness,
  openStore,
  parseBusiness,
} from "../../endpoints/index.ts";
import type { EndpointsOptions, Store } from "../../endpoints/index.ts";
import { sign, verifySignature } from "../../middleware/index.ts";
import {
  appointmentsDocument,
  canonicalJson,
  compile,
} from "../../openapi/index.ts";

const SECRET = "whsec_test_secret";
const business = parseBusiness(readFileSync(exampleBusiness, "utf8"));
// Wednesday, March 4, 2026, 10:00 in Los Angeles; the clocks change on Sunday the 8th.
const NOW = new Date("2026-03-04T18:00:00Z");
const MONDAY = "2026-03-09";

const { tools } = await compile(fileURLToPath(appointmentsDocument));
const ajv = new Ajv2020({ strict: false });
const answers = new Map(
  tools.map((tool) => [
    tool.operation.path,
    ajv.compile(tool.output as object),
  ]),
);

const stores: Store[] = [];
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
});

/** The endpoints behind the signature check; every answer is held against the document. */
async function startEndpoints(options: Partial<EndpointsOptions> = {}) {
  const store = await openStore("sqlite::memory:");
  stores.push(store);
  const verify = [verifySignature({ secrets: SECRET })];
  const app = express().use(
    createEndpoints({ store, business, verify, now: () => NOW, ...options }),
  );

  async function call(
    path: string,
    args: object,
    { callId = "CA1", key }: { callId?: string; key?: string } = {},
  ) {
    const body = canonicalJson(args);
    const request = supertest(app)
      .post(path)
      .set("Content-Type", "application/json")
      .set(sign("thunderphone", SECRET, { body }))
      .set("X-ThunderPhone-Call-ID", callId);
    if (key !== undefined) request.set("Idempotency-Key", key);
    const response = await request.send(body);
    const validate = answers.get(path);
    if (response.status === 200 && validate)
      expect([response.body, validate(response.body)]).toEqual([
        response.body,
        true,
      ]);
    expect(response.text.length).toBeLessThan(1024);
    return response;
  }
  return {
    app,
    store,
    call,
    search: async (args: object) =>
      (await call("/appointments/search", args)).body,
    book: async (args: object, how?: { callId?: string; key?: string }) =>
      (await call("/appointments/book", args, how)).body,
    cancel: async (args: object, how?: { callId?: string; key?: string }) =>
      (await call("/appointments/cancel", args, how)).body,
  };
}

const maria = {
  date: MONDAY,
  time: "2:30 PM",
  customer_name: "Maria Lopez",
  customer_phone: "(415) 555-2671",
};

describe("search_appointments", () => {
  test("offers at most six times spread over the day, in words and as instants", async () => {
    const { search } = await startEndpoints();
    expect(await search({ date: MONDAY })).toEqual({
      date: MONDAY,
      timezone: "America/Los_Angeles",
      available_slots: [
        "9:00 AM",
        "10:30 AM",
        "12:00 PM",
        "1:30 PM",
        "3:00 PM",
        "4:30 PM",
      ],
      slots: ["09:00", "10:30", "12:00", "13:30", "15:00", "16:30"].map(
        (time) => ({ time, start: `${MONDAY}T${time}:00-07:00` }),
      ),
      more: 10,
      speech:
        "On Monday, March 9 I have 9:00 AM, 10:30 AM, 12:00 PM, 1:30 PM, 3:00 PM or 4:30 PM, and 10 more.",
    });
  });

  test("offers the times nearest to a wish, as many as asked for", async () => {
    const { search } = await startEndpoints();
    const answer = await search({
      date: MONDAY,
      preferred_time: "2:30",
      limit: 3,
    });
    expect(answer.available_slots).toEqual(["2:00 PM", "2:30 PM", "3:00 PM"]);
    const most = await search({ date: MONDAY, limit: "99" });
    expect([most.available_slots.length, most.more]).toEqual([12, 4]);
  });

  test("knows the services of the business file", async () => {
    const { search } = await startEndpoints();
    expect((await search({ date: MONDAY, service: "Follow up" })).more).toBe(
      26,
    );
    expect(await search({ date: MONDAY, service: "massage" })).toMatchObject({
      code: "invalid_arguments",
      error: expect.stringContaining("consultation, follow-up") as unknown,
    });
  });

  test("takes a booked time out, and refuses a full day with alternatives", async () => {
    const { search, book } = await startEndpoints();
    const { available_slots } = await search({ date: MONDAY, limit: 12 });
    for (let minutes = 540; minutes < 1020; minutes += 30) {
      const time = `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
      expect(
        await book(
          { date: MONDAY, time, customer_name: "A" },
          { callId: time },
        ),
      ).toHaveProperty("confirmation_number");
    }
    expect(available_slots).toHaveLength(12);
    expect(await search({ date: MONDAY })).toMatchObject({
      error: "No slots available for that date",
      code: "no_slots",
      alternatives: [
        { date: "2026-03-10", times: ["9:00 AM", "1:00 PM", "4:30 PM"] },
        { date: "2026-03-11" },
      ],
    });
  });

  const days: [said: string, expected: object][] = [
    ["tomorrow", { date: "2026-03-05" }],
    ["next Tuesday", { date: "2026-03-10" }],
    ["Wednesday", { date: "2026-03-11" }],
    ["03/09", { date: MONDAY }],
    ["March 9th", { date: MONDAY }],
    ["Monday, 9 March", { date: MONDAY }],
    [
      "2026-03-04",
      {
        date: "2026-03-04",
        available_slots: [
          "10:00 AM",
          "11:30 AM",
          "12:30 PM",
          "2:00 PM",
          "3:00 PM",
          "4:30 PM",
        ],
      },
    ],
    [
      "2026-03-03",
      {
        code: "date_in_past",
        error: expect.stringContaining("today is 2026-03-04") as unknown,
      },
    ],
    [
      "Saturday",
      {
        code: "closed",
        alternatives: [{ date: MONDAY }, { date: "2026-03-10" }],
      },
    ],
    ["2028-01-03", { code: "outside_rules" }],
    ["2026-02-30", { code: "invalid_arguments" }],
    [
      "whenever",
      { code: "invalid_arguments", speech: "Which day did you mean?" },
    ],
  ];
  test.each(days)("understands the day %j", async (date, expected) => {
    const { search } = await startEndpoints();
    expect(await search({ date })).toMatchObject(expected);
  });

  test("refuses arguments that do not fit in words, with status 200", async () => {
    const { call } = await startEndpoints();
    const { status, body } = await call("/appointments/search", {
      limit: "many",
    });
    expect([status, body.code]).toEqual([200, "invalid_arguments"]);
    expect(body.error).toContain(
      "date: expected string (required), received nothing",
    );
    expect(body.error).toContain(
      'limit: expected integer, received string "many"',
    );
  });
});

describe("book_appointment", () => {
  test("answers with a ten-digit number and echoes what was booked", async () => {
    const { book } = await startEndpoints();
    const answer = await book(maria);
    expect(answer).toMatchObject({
      date: MONDAY,
      time: "2:30 PM",
      timezone: "America/Los_Angeles",
      service: "consultation",
    });
    expect(answer.confirmation_number).toMatch(/^[1-9]\d{9}$/);
    expect(answer.speech.replaceAll(/\D/g, "")).toContain(
      answer.confirmation_number,
    );
  });

  const refusals: [what: string, args: object, expected: object][] = [
    [
      "a time outside the hours",
      { time: "7 PM" },
      {
        code: "outside_rules",
        alternatives: [
          { date: MONDAY, times: ["3:30 PM", "4:00 PM", "4:30 PM"] },
          { date: "2026-03-10" },
        ],
      },
    ],
    [
      "a time between the offered ones",
      { time: "14:40" },
      { code: "outside_rules" },
    ],
    ["a closed day", { date: "2026-03-08" }, { code: "closed" }],
    [
      "a past time of today",
      { date: "today", time: "9:30 AM" },
      { code: "outside_rules" },
    ],
    [
      "a time of absurd length",
      { time: `9${".".repeat(5000)}:15am` },
      { code: "outside_rules" },
    ],
    ["a time that is none", { time: "soonish" }, { code: "invalid_arguments" }],
    [
      "a name of control characters",
      { customer_name: "\u0000\u202E \n" },
      { code: "invalid_arguments" },
    ],
    [
      "a phone number that cannot exist",
      { customer_phone: "four one five" },
      {
        code: "invalid_arguments",
        error: expect.stringContaining("customer_phone") as unknown,
      },
    ],
    [
      "a missing name",
      { customer_name: undefined },
      {
        code: "invalid_arguments",
        error: expect.stringContaining("customer_name") as unknown,
      },
    ],
  ];
  test.each(refusals)("refuses %s", async (_, change, expected) => {
    const { book } = await startEndpoints();
    expect(await book({ ...maria, ...change })).toMatchObject(expected);
  });

  test("asks back when morning and afternoon are both meant", async () => {
    const night = {
      ...business,
      hours: { ...business.hours, monday: [{ from: 0, to: 1440 }] },
    };
    const { book } = await startEndpoints({ business: night });
    expect(await book({ ...maria, time: "2:30" })).toMatchObject({
      code: "ambiguous_time",
      alternatives: [{ date: MONDAY, times: ["2:30 AM", "2:30 PM"] }],
    });
  });

  test("of fifty calls for one time, one gets it and the others get alternatives", async () => {
    const { book } = await startEndpoints();
    const all = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        book(maria, { callId: `CA${index}` }),
      ),
    );
    const codes = all.map((answer) => answer.code ?? "booked");
    expect(codes.filter((code) => code === "booked")).toHaveLength(1);
    expect(codes.filter((code) => code === "slot_taken")).toHaveLength(49);
    expect(all.find(({ code }) => code === "slot_taken")).toMatchObject({
      error: "2:30 PM on 2026-03-09 is already taken",
      alternatives: [
        { date: MONDAY, times: ["1:30 PM", "2:00 PM", "3:00 PM"] },
        { date: "2026-03-10" },
      ],
    });
  });

  test("a short and a long service never overlap", async () => {
    const { book } = await startEndpoints();
    await book({ ...maria, service: "follow-up", time: "14:45" });
    expect(await book(maria, { callId: "CA2" })).toMatchObject({
      code: "slot_taken",
    });
    expect(
      await book(
        { ...maria, service: "follow-up", time: "14:30" },
        { callId: "CA2" },
      ),
    ).toHaveProperty("confirmation_number");
  });

  test("a resource with room for two takes two", async () => {
    const { book } = await startEndpoints({
      business: { ...business, resources: [{ name: "main", capacity: 2 }] },
    });
    const all = await Promise.all(
      [1, 2, 3].map((index) => book(maria, { callId: `CA${index}` })),
    );
    expect(all.filter(({ code }) => code === "slot_taken")).toHaveLength(1);
    expect(
      all.filter((answer) => "confirmation_number" in answer),
    ).toHaveLength(2);
  });
});

describe("cancel_appointment", () => {
  test("frees the time, and says so when it comes again", async () => {
    const { search, book, cancel } = await startEndpoints();
    const { confirmation_number } = await book(maria);
    expect(await cancel({ confirmation_number })).toMatchObject({
      cancelled: true,
      already_cancelled: false,
    });
    expect(await cancel({ confirmation_number })).toMatchObject({
      cancelled: true,
      already_cancelled: true,
    });
    expect(
      (await search({ date: MONDAY, preferred_time: "2:30 PM", limit: 1 }))
        .available_slots,
    ).toEqual(["2:30 PM"]);
  });

  test("from another call wants the last four digits of the phone; every wrong factor is answered alike", async () => {
    const { book, cancel } = await startEndpoints();
    const { confirmation_number } = await book(maria);
    const other = { callId: "CA2" };
    const wrong = await Promise.all([
      cancel({ confirmation_number }, other),
      cancel({ confirmation_number, phone_last_four: "0000" }, other),
      cancel({ confirmation_number, phone_last_four: "" }, other),
      cancel(
        { confirmation_number: "1234567890", phone_last_four: "2671" },
        other,
      ),
      cancel({ confirmation_number: "what?", phone_last_four: "2671" }, other),
    ]);
    expect(new Set(wrong.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(wrong[0].code).toBe("verification_failed");
    const spoken = `${confirmation_number.slice(0, 3)} ${confirmation_number.slice(3, 6)}-${confirmation_number.slice(6)}`;
    expect(
      await cancel(
        { confirmation_number: spoken, phone_last_four: 2671 },
        other,
      ),
    ).toMatchObject({ cancelled: true });
  });

  test("needs no second factor where the booking has no phone", async () => {
    const { book, cancel } = await startEndpoints();
    const { confirmation_number } = await book({
      ...maria,
      customer_phone: undefined,
    });
    expect(
      await cancel({ confirmation_number }, { callId: "CA2" }),
    ).toMatchObject({ cancelled: true });
  });
});

describe("single execution", () => {
  test("the same key gets the same answer, also in parallel", async () => {
    const { book } = await startEndpoints();
    const all = await Promise.all(
      Array.from({ length: 20 }, () => book(maria, { key: "toolu_1" })),
    );
    expect(new Set(all.map((answer) => answer.confirmation_number)).size).toBe(
      1,
    );
  });

  test("two long keys that begin alike are two keys", async () => {
    const { book } = await startEndpoints();
    const first = await book(maria, { key: `${"k".repeat(300)}1` });
    const second = await book(
      { ...maria, time: "3 PM" },
      { key: `${"k".repeat(300)}2` },
    );
    expect(second.confirmation_number).toMatch(/^\d{10}$/);
    expect(second.confirmation_number).not.toBe(first.confirmation_number);
  });

  test("without a key, the same arguments in one call are the same booking; in another call they are not", async () => {
    const { book } = await startEndpoints();
    const first = await book(maria);
    expect(await book(maria)).toEqual(first);
    expect(await book(maria, { callId: "CA2" })).toMatchObject({
      code: "slot_taken",
    });
  });

  test("the same key with other arguments is refused", async () => {
    const { book } = await startEndpoints();
    await book(maria, { key: "toolu_1" });
    expect(
      await book({ ...maria, time: "3 PM" }, { key: "toolu_1" }),
    ).toMatchObject({ code: "idempotency_mismatch" });
  });

  test("what was booked is told again when the rules no longer allow its time", async () => {
    let now = NOW;
    const { book } = await startEndpoints({ now: () => now });
    const first = await book(
      { ...maria, date: "2026-03-04", time: "11 AM" },
      { key: "k" },
    );
    now = new Date("2026-03-04T19:00:01Z");
    expect(
      await book({ ...maria, date: "2026-03-04", time: "11 AM" }, { key: "k" }),
    ).toEqual(first);
    expect(
      await book({ ...maria, date: "Saturday" }, { key: "k" }),
    ).toMatchObject({ code: "idempotency_mismatch" });
  });

  test("a refusal is not kept: the same key may succeed later", async () => {
    const { book, cancel } = await startEndpoints();
    const { confirmation_number } = await book(maria);
    expect(await book(maria, { callId: "CA2", key: "k" })).toMatchObject({
      code: "slot_taken",
    });
    await cancel({ confirmation_number });
    expect(await book(maria, { callId: "CA2", key: "k" })).toHaveProperty(
      "confirmation_number",
    );
  });

  test("book, cancel, book again in one call makes two bookings", async () => {
    const { book, cancel } = await startEndpoints();
    const first = await book(maria);
    await cancel(first);
    const second = await book(maria);
    expect(second.confirmation_number).toMatch(/^\d{10}$/);
    expect(second.confirmation_number).not.toBe(first.confirmation_number);
  });
});

describe("get_programming_joke", () => {
  async function tell(
    reply: typeof fetch,
    url = "https://v2.jokeapi.dev/joke/Programming?safe-mode",
  ) {
    const { call } = await startEndpoints({
      jokes: { url, fetch: reply, timeoutMs: 50 },
    });
    return (await call("/jokes/programming", {})).body;
  }

  test("comes from the joke API, two parts joined", async () => {
    const two = { type: "twopart", setup: "Why?", delivery: "Because." };
    expect(await tell(async () => Response.json(two))).toEqual({
      joke: "Why? Because.",
      source: "jokeapi",
      speech: "Why? Because.",
    });
    expect(
      await tell(async () => Response.json({ type: "single", joke: "Ha." })),
    ).toMatchObject({ joke: "Ha.", source: "jokeapi" });
  });

  const faults: [what: string, reply: typeof fetch][] = [
    ["cannot be reached", () => Promise.reject(new TypeError("fetch failed"))],
    [
      "is too slow",
      (_url, init) =>
        new Promise((_, reject) =>
          init?.signal?.addEventListener("abort", () =>
            reject(new Error("aborted")),
          ),
        ),
    ],
    [
      "answers with an error",
      async () => Response.json({ error: true }, { status: 500 }),
    ],
    [
      "says nothing",
      async () => Response.json({ error: true, message: "none" }),
    ],
    ["sends no JSON", async () => new Response("<html>")],
    ["sends too much", async () => Response.json({ joke: "x".repeat(10_000) })],
    [
      "tells a long story",
      async () => Response.json({ joke: "x".repeat(1500) }),
    ],
  ];
  test.each(faults)(
    "comes from the bundled list when the API %s",
    async (_, reply) => {
      expect(await tell(reply)).toMatchObject({
        source: "offline",
        joke: expect.stringMatching(/\w+/) as unknown,
      });
    },
  );

  test("has no control characters", async () => {
    expect(
      await tell(async () =>
        Response.json({ joke: "a\u0000b\u001b[31m\u202ec" }),
      ),
    ).toMatchObject({ joke: "a b [31m c" });
  });

  test("asks nobody when there is no address", async () => {
    expect(
      await tell(() => Promise.reject(new Error("asked")), ""),
    ).toMatchObject({ source: "offline" });
  });
});

describe("the door", () => {
  test("an unsigned or altered call reaches no tool", async () => {
    const { app, search } = await startEndpoints();
    const body = canonicalJson(maria);
    const unsigned = await supertest(app)
      .post("/appointments/book")
      .set("Content-Type", "application/json")
      .send(body);
    const altered = await supertest(app)
      .post("/appointments/book")
      .set("Content-Type", "application/json")
      .set(sign("thunderphone", SECRET, { body }))
      .send(body.replace("Maria", "Mario"));
    for (const { status, body: told } of [unsigned, altered])
      expect([status, told]).toEqual([401, { error: "invalid signature" }]);
    expect((await search({ date: MONDAY })).more).toBe(10);
  });

  test("malformed JSON is 400, an unknown tool a sentence, another method 404", async () => {
    const { app, call } = await startEndpoints();
    const body = "{oops";
    const malformed = await supertest(app)
      .post("/appointments/search")
      .set(sign("thunderphone", SECRET, { body }))
      .set("Content-Type", "application/json")
      .send(body);
    expect([malformed.status, malformed.body]).toEqual([
      400,
      { error: "body is not a JSON object" },
    ]);
    const unknown = await call("/appointments/teleport", {});
    expect([unknown.status, unknown.body]).toEqual([
      200,
      expect.objectContaining({
        code: "not_found",
        error: expect.stringContaining("book_appointment") as unknown,
      }),
    ]);
    expect((await supertest(app).get("/appointments/search")).status).toBe(404);
  });

  test("an empty call id is none: two strangers are not the same call", async () => {
    const { book, cancel } = await startEndpoints();
    const { confirmation_number } = await book(maria, { callId: "" });
    expect(await cancel({ confirmation_number }, { callId: "" })).toMatchObject(
      { code: "verification_failed" },
    );
  });

  test("does not start without anything that verifies", async () => {
    await expect(startEndpoints({ verify: [] })).rejects.toThrow(TypeError);
  });

  test("open endpoints have to be asked for, and still want JSON", async () => {
    const { app } = await startEndpoints({ verify: "none" });
    const post = (body: string) =>
      supertest(app)
        .post("/appointments/search")
        .set("Content-Type", "application/json")
        .send(body);
    expect((await post(`{"date":"${MONDAY}"}`)).body).toHaveProperty(
      "available_slots",
    );
    expect([(await post("{oops")).status, (await post("{oops")).text]).toEqual([
      400,
      '{"error":"body is not a JSON object"}',
    ]);
    expect((await post(`{"a":"${"x".repeat(20_000)}"}`)).status).toBe(413);
    expect((await post("[1]")).status).toBe(400);
    const page = await supertest(app)
      .post("/appointments/search")
      .set("Content-Type", "text/plain")
      .send(`{"date":"${MONDAY}"}`);
    expect([page.status, page.body]).toEqual([
      415,
      { error: "send the arguments as application/json" },
    ]);
    expect(
      (await supertest(app).post("/jokes/programming")).body,
    ).toHaveProperty("joke");
  });

  test("a broken database is a sentence, and the log knows", async () => {
    const events: [string, object][] = [];
    const note = (event: string, fields: object) =>
      void events.push([event, fields]);
    const { book, store } = await startEndpoints({
      log: { info: note, warn: note, error: note },
    });
    await store.close();
    expect(await book(maria)).toMatchObject({
      code: "unavailable",
      error: "The booking system is not available right now",
    });
    expect(events.map(([event]) => event)).toEqual([
      "tool.failed",
      "tool.answered",
    ]);
    expect(JSON.stringify(events)).not.toMatch(/Maria|555|2671/);
  });
});
