import { openStore, StoreError } from "../endpoints/index.ts";
import type { Store } from "../endpoints/index.ts";
import { EXIT, VerbError } from "./io.ts";

/**
 * Opens the database of DATABASE_URL.
 * @throws VerbError that does not show the URL, which may hold a password: a file that cannot be opened is bad configuration, a server that cannot be reached a fault of the network
 */
export async function openDatabase(databaseUrl: string): Promise<Store> {
  try {
    return await openStore(databaseUrl);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const exitCode = databaseUrl.startsWith("sqlite:")
      ? EXIT.usage
      : EXIT.network;
    throw new VerbError(exitCode, `DATABASE_URL: ${error.message}`, {
      cause: error,
    });
  }
}
