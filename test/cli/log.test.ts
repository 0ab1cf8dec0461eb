import { PassThrough } from "node:stream";
import { expect, test } from "@jest/globals";
import { createLog } from "../../cli/log.ts";

test("a call's id that holds a phone number is logged without it", () => {
  const stream = new PassThrough();
  const log = createLog(stream, "info");
  log.info("tool.answered", {
    callId: "sip:+14155550123@carrier.example",
    tool: "book_appointment",
    ms: 3,
  });
  expect(JSON.parse(String(stream.read()))).toMatchObject({
    msg: "tool.answered",
    callId: "sip:+…23@carrier.example",
    tool: "book_appointment",
    ms: 3,
  });
});
