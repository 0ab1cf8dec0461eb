import { describe, expect, test } from "@jest/globals";
import { openStore } from "../../endpoints/index.ts";
import { describeEachEngine } from "../support/engines.ts";
import { testDatabase, testStore } from "./store.contract.ts";

await describeEachEngine("a database", testDatabase);
await describeEachEngine("the store", testStore);

describe("openStore", () => {
  test("refuses a URL it does not know, and shows no password", async () => {
    await expect(openStore("mysql://user:secret@host/db")).rejects.toThrow(
      /^((?!secret).)*$/,
    );
  });

  test("says what it cannot open", async () => {
    await expect(openStore("sqlite:/dev/null/x.db")).rejects.toMatchObject({
      code: "ERR_STORE",
    });
  });
});
