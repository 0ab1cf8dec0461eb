import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, expect } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import express from "express";
import supertest from "supertest";
import {
  createEndpoints,
  exampleBusiness,
  openStore,
  parseBusiness,
} from "../../endpoints/index.ts";
import type {
  Business,
  EndpointsOptions,
  Store,
} from "../../endpoints/index.ts";
import { sign, verifySignature } from "../../middleware/index.ts";
import {
  appointmentsDocument,
  canonicalJson,
  compile,
} from "../../openapi/index.ts";
import { closeServers, startServer } from "./server.ts";

const SECRET = "whsec_test_secret";
/** Wednesday, March 4, 2026, 10:00 in Los Angeles; the clocks change on Sunday the 8th. */
const NOW = new Date("2026-03-04T18:00:00Z");
export const MONDAY = "2026-03-09";
export const TUESDAY = "2026-03-10";
export const business = parseBusiness(readFileSync(exampleBusiness, "utf8"));

export const maria = {
  date: MONDAY,
  time: "2:30 PM",
  customer_name: "Maria Lopez",
  customer_phone: "(415) 555-2671",
};

/** A business like the example, with other fields of its file. */
export function makeBusiness(change: object): Business {
  return parseBusiness({
    name: "Test",
    timezone: "America/Los_Angeles",
    country: "US",
    services: [
      { name: "consultation", minutes: 30 },
      { name: "follow-up", minutes: 15 },
    ],
    resources: [{ name: "main" }],
    hours: Object.fromEntries(
      ["monday", "tuesday", "wednesday", "thursday", "friday"].map((day) => [
        day,
        ["09:00-17:00"],
      ]),
    ),
    ...change,
  });
}

/** What a tool may tell; the document says which fields come together. */
export interface Told {
  speech: string;
  error?: string;
  code?: string;
  alternatives?: { date: string; times: string[] }[];
  date?: string;
  time?: string;
  timezone?: string;
  service?: string;
  available_slots?: string[];
  slots?: { time: string; start: string }[];
  more?: number;
  confirmation_number?: string;
  cancelled?: boolean;
  already_cancelled?: boolean;
  appointments?: {
    date: string;
    time: string;
    service: string;
    name: string;
    number_ends_with: string;
  }[];
  held_until?: string;
  services?: { name: string; minutes: number }[];
  joke?: string;
  source?: string;
}

export interface CallOptions {
  /** The phone call; null: the request names none. Default "CA1". */
  callId?: string | null;
  key?: string;
  /** The arguments are not as the document wants them. */
  isMisfit?: boolean;
}

const { tools } = await compile(fileURLToPath(appointmentsDocument));
const ajv = new Ajv2020({ strict: false });
const contracts = new Map(
  tools.map((tool) => [
    tool.name,
    {
      path: tool.operation.path,
      isRequest: ajv.compile(tool.parameters as object),
      isAnswer: ajv.compile(tool.output as object),
    },
  ]),
);

const stores: Store[] = [];
afterEach(async () => {
  await closeServers();
  for (const store of stores.splice(0)) await store.close();
});

type Endpoints = Awaited<ReturnType<typeof startEndpoints>>;

/**
 * The endpoints behind the signature check on a real server. Every request and
 * every answer is held against the document, the size and what a voice can say.
 */
export async function startEndpoints({
  url = "sqlite::memory:",
  secrets = [SECRET],
  ...options
}: Partial<EndpointsOptions> & { url?: string; secrets?: string[] } = {}) {
  const clock = { now: NOW };
  const store = options.store ?? (await openStore(url));
  stores.push(store);
  const router = createEndpoints({
    business,
    verify: [verifySignature({ secrets, maxBodyBytes: 16 * 1024 })],
    now: () => clock.now,
    ...options,
    store,
  });
  const server = await startServer(express().use(router));

  const toHeaders = (body: string) => ({
    "Content-Type": "application/json",
    ...sign("thunderphone", secrets[0] ?? "", { body }),
  });

  /** Any request, for what no tool call would send. */
  function post(path: string, body: string, headers: object = {}) {
    return fetch(server.url + path, {
      method: "POST",
      body,
      headers: { ...toHeaders(body), ...headers },
    });
  }

  /** @returns the answer's text as it was sent */
  async function callRaw(
    name: string,
    args: object,
    { callId = "CA1", key, isMisfit = false }: CallOptions = {},
  ): Promise<string> {
    const contract = contracts.get(name);
    if (!contract) throw new Error(`no tool ${name}`);
    const body = canonicalJson(args);
    // As it is sent: fields that are undefined are not there.
    const isFit = contract.isRequest(JSON.parse(body));
    expect([body, isFit]).toEqual([body, !isMisfit]);
    const { status, text } = await supertest(server.url)
      .post(contract.path)
      .set({
        ...toHeaders(body),
        ...(callId === null ? {} : { "X-ThunderPhone-Call-ID": callId }),
        ...(key === undefined ? {} : { "Idempotency-Key": key }),
      })
      .send(body);
    expect([status, text]).toEqual([200, text]);
    expect([text, Buffer.byteLength(text) < 1024]).toEqual([text, true]);
    const told = JSON.parse(text) as Told;
    expect([told, contract.isAnswer(told)]).toEqual([told, true]);
    if (told.joke === undefined) expectSpeakable(told.speech);
    return text;
  }

  const call = async (name: string, args: object, how?: CallOptions) =>
    JSON.parse(await callRaw(name, args, how)) as Told;

  const tool = (name: string) => (args: object, how?: CallOptions) =>
    call(name, args, how);

  return {
    url: server.url,
    store,
    clock,
    /** Lets time go by. */
    pass: (seconds: number) => {
      clock.now = new Date(clock.now.getTime() + seconds * 1000);
    },
    post,
    call,
    callRaw,
    search: tool("search_appointments"),
    book: tool("book_appointment"),
    cancel: tool("cancel_appointment"),
    reschedule: tool("reschedule_appointment"),
    lookup: tool("lookup_appointments"),
    hold: tool("hold_appointment"),
  };
}

/** No machine's dates and no signs: a voice reads them out as they are, or drops them. */
function expectSpeakable(speech: string): void {
  expect(speech).toMatch(/\p{L}/u);
  expect(speech).not.toMatch(/\d{4}-\d\d-\d\d|\dT\d|[_{}[\]<>|\\/*#@^~`=+"]/);
  expect(speech).not.toMatch(/undefined|null|NaN|\s\s/);
}

/** The confirmation number of a booking that was made. */
export function numberOf(told: Told): string {
  expect(told).toMatchObject({
    confirmation_number: expect.stringMatching(/^[1-9]\d{9}$/) as unknown,
  });
  return told.confirmation_number ?? "";
}

/** All free times of a day that has at most twelve. */
export async function freeTimes(
  { search }: Pick<Endpoints, "search">,
  date: string,
  how?: CallOptions,
): Promise<string[]> {
  const { available_slots = [], more = 0 } = await search(
    { date, limit: 12 },
    how,
  );
  expect(more).toBe(0);
  return available_slots;
}
