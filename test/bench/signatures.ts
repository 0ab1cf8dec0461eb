import { createHmac, timingSafeEqual } from "node:crypto";
import { Agent, request } from "node:http";
import express from "express";
import { sign, verify, verifySignature } from "../../middleware/index.ts";
import { closeServers, startServer } from "../support/server.ts";
import { compare } from "./pairs.ts";

const SECRET = "whsec_test_secret";
const PAIRS = 21;

/** `verify` beside the least that can be done: one HMAC and one comparison. */
async function benchVerify(bytes: number, rounds: number): Promise<void> {
  const body = Buffer.from(JSON.stringify({ note: "x".repeat(bytes - 11) }));
  const [signature = ""] = Object.values(
    sign("thunderphone", SECRET, { body }),
  );
  const headers = { "x-thunderphone-signature": signature };
  const given = Buffer.from(signature, "hex");
  await compare(
    `verify / createHmac + timingSafeEqual at ${bytes} B`,
    PAIRS,
    () => {
      for (let round = 0; round < rounds; round++)
        verify("thunderphone", SECRET, { headers, body });
    },
    () => {
      for (let round = 0; round < rounds; round++)
        timingSafeEqual(
          given,
          createHmac("sha256", SECRET).update(body).digest(),
        );
    },
  );
}

/** A whole verified request through Express beside bare `express.json()`; client and server share the process. */
async function benchRequest(bytes: number, requests: number): Promise<void> {
  const body = JSON.stringify({ note: "x".repeat(bytes - 11) });
  const headers = {
    "content-type": "application/json",
    "content-length": String(bytes),
    ...sign("thunderphone", SECRET, { body }),
  };
  const answer: express.RequestHandler = (_req, res) =>
    void res.json({ ok: true });
  const ours = await startServer(
    express().use(verifySignature({ secrets: SECRET }), answer),
  );
  const bare = await startServer(express().use(express.json(), answer));
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  const send = (url: string) =>
    new Promise<void>((resolve, reject) => {
      const sent = request(
        url,
        { method: "POST", agent, headers },
        (response) => response.resume().on("end", () => resolve()),
      );
      sent.on("error", reject).end(body);
    });
  const run = (url: string) => async () => {
    for (let done = 0; done < requests; done += 8)
      await Promise.all(Array.from({ length: 8 }, () => send(url)));
  };
  await compare(
    `verified request / bare express.json() at ${bytes} B`,
    PAIRS,
    run(ours.url),
    run(bare.url),
  );
  agent.destroy();
  await closeServers();
}

/** What checking a signature costs, by itself and in a whole request. */
export async function benchSignatures(): Promise<void> {
  console.log("Signatures: CPU time of this process.");
  await benchVerify(180, 20_000);
  await benchVerify(16_384, 4_000);
  await benchRequest(180, 400);
  await benchRequest(16_384, 400);
}
