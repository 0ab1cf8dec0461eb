import { openStore } from "../../endpoints/store/index.ts";

// A process of its own that opens the store named on its command line.
const store = await openStore(`sqlite:${process.argv[2]}`);
await store.listClaims(0, 1);
await store.close();
