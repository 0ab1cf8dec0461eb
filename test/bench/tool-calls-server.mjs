// A tool endpoint in a process of its own: `ours` is the built command line's
// `serve`, `bare` is what an Express app has that checks nothing. Says its URL,
// and its CPU time whenever it is asked.
//   node tool-calls-server.mjs ours MAIN.JS | bare ANSWER
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { Writable } from "node:stream";

const [kind, given] = process.argv.slice(2);
const CALLS_A_MINUTE = 30; // as CALL_RATE_PER_MINUTE, by call id

if (kind === "ours") {
  const { run } = await import(pathToFileURL(given).href);
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      process.send({ url: JSON.parse(String(chunk)).listening });
      done();
    },
  });
  const { env, stdin, stderr } = process;
  const untilStopped = () => new Promise(() => {});
  void run(["serve"], {
    env,
    cwd: process.cwd(),
    stdin,
    stdout,
    stderr,
    untilStopped,
  });
} else {
  // The kit's own packages, not those that a peer beside brought along.
  const require = createRequire(new URL("../../package.json", import.meta.url));
  const express = require("express");
  const helmet = require("helmet");
  const { pino } = require("pino");
  const { rateLimit } = await import("express-rate-limit");
  const log = pino();
  const answer = JSON.parse(given);
  const app = express();
  app.use(
    helmet(),
    rateLimit({
      windowMs: 60_000,
      limit: CALLS_A_MINUTE,
      keyGenerator: (req) => req.get("X-ThunderPhone-Call-ID"),
    }),
    express.json({ limit: "16kb" }),
  );
  app.post("/services/list", (req, res) => {
    const started = performance.now();
    res.json(answer);
    const callId = req.get("X-ThunderPhone-Call-ID");
    const ms = Math.round((performance.now() - started) * 10) / 10;
    log.info({ tool: "list_services", code: "ok", ms, callId }, "answered");
  });
  const server = app.listen(0, "127.0.0.1", () =>
    process.send({ url: `http://127.0.0.1:${server.address().port}` }),
  );
}
process.on("message", () => process.send({ cpu: process.cpuUsage() }));
process.on("disconnect", () => process.exit());
