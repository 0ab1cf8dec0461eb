import { afterEach, expect, jest, test } from "@jest/globals";
import { calls, says } from "../support/messages-api.ts";
import { closeSwitchboards, startSwitchboard } from "../support/switchboard.ts";

// A file of its own: the SDK keeps the console that it met first.
afterEach(closeSwitchboards);

const booking = { date: "2026-03-09", time: "2:30 PM", customer_name: "Maria" };

test("a stream that is cut inside an event puts no word of it on the console", async () => {
  const printed = jest.spyOn(console, "error").mockImplementation(() => {});
  const { api, dial } = await startSwitchboard();
  api.script((stream) => {
    stream.start();
    stream.raw(
      'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"text":"Maria 2671\n\n',
    );
    stream.end();
  }, says("Here."));
  const phone = await dial();
  phone.prompt("Hello?");
  expect(await phone.answer()).toBe("Here.");
  expect(JSON.stringify(printed.mock.calls)).not.toContain("Maria");
  printed.mockRestore();
});

test("no word of a caller, no secret and no number is in the log", async () => {
  const { api, dial, events } = await startSwitchboard();
  api.script(
    calls([
      {
        id: "t1",
        name: "book_appointment",
        input: { ...booking, customer_phone: "415 555 2671" },
      },
    ]),
    says("Booked, Maria."),
    (stream) => stream.status(401, "no"),
    (stream) => stream.status(401, "no"),
  );
  const phone = await dial();
  phone.prompt("I am Maria, 415 555 2671.");
  await phone.answer();
  phone.prompt("Maria again.");
  await phone.answer();
  const description =
    'Invalid message received, code: 64107, {"type":"text","token":"Maria, 415 555 2671"}';
  phone.send({ type: "error", description });
  phone.send({ type: "Maria 415 555 2671" });
  phone.send({ type: "info", name: "Maria 2671", value: "x" });
  api.script(says("Yes."));
  phone.prompt("Still there?");
  await phone.answer();
  expect(events).toContainEqual({
    event: "twilio.error",
    fields: { callSid: "CA1", code: "64107" },
  });
  expect(events.length).toBeGreaterThan(2);
  expect(JSON.stringify(events)).not.toMatch(/Maria|2671|whsec|sk-test|\+1415/);
});
