import { Writable } from "node:stream";
import { expect, test } from "@jest/globals";
import { demo } from "../../cli/demo.ts";
import type { Io } from "../../cli/io.ts";

const failures: [
  what: string,
  step: { says: string; tool?: string; hears: RegExp },
  told: string,
][] = [
  [
    "the wrong words",
    { says: "Hello.", hears: /never said/ },
    "expected any tool and /never said/",
  ],
  [
    "no call of the tool",
    { says: "Hello.", tool: "book_appointment", hears: /./ },
    "received no verified call",
  ],
];
test.each(failures)(
  "a step that ends in %s ends the demo with 1",
  async (_, step, told) => {
    let out = "";
    const stdout = new Writable({
      write(chunk: Buffer, _encoding, done) {
        out += chunk.toString();
        done();
      },
    });
    const io = { env: { JOKE_API_URL: "" }, stdout } as unknown as Io; // all that the demo touches
    expect(await demo(io, {}, [step])).toBe(1);
    expect(out).toContain(told);
  },
);
