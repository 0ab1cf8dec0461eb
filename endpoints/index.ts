export { createEndpoints } from "./app.ts";
export type { EndpointsOptions, Log } from "./app.ts";
export { parseBusiness } from "./business.ts";
export type { Business, Resource, Service } from "./business.ts";
export { BusinessError, StoreError } from "./errors.ts";
export type { JokeOptions } from "./jokes.ts";
export { openStore } from "./store/index.ts";
export type { Store } from "./store/store.ts";

/** The bundled example business. */
export const exampleBusiness = new URL("./business.yaml", import.meta.url);
