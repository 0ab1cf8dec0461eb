// One Express app in a process of its own: `ours` checks each call, `bare` only
// parses it. Says its port, and its CPU time whenever it is asked.
import { createRequire } from "node:module";

// The kit's own Express, not one that a package beside brought along.
const require = createRequire(new URL("../../package.json", import.meta.url));
const express = require("express");
const [kind, module, secret, maxBodyBytes] = process.argv.slice(2);

const answer = (_req, res) => void res.json({ ok: true });
const app = express();
if (kind === "ours") {
  const { verifySignature } = await import(module);
  const options = { secrets: secret, maxBodyBytes: Number(maxBodyBytes) };
  app.use(verifySignature(options), answer);
} else {
  app.use(express.json({ limit: Number(maxBodyBytes) }), answer);
}
const server = app.listen(0, "127.0.0.1", () =>
  process.send({ port: server.address().port }),
);
process.on("message", () => process.send({ cpu: process.cpuUsage() }));
process.on("disconnect", () => process.exit());
