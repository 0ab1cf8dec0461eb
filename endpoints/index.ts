export { createEndpoints } from "./app.ts";
export type { EndpointsOptions } from "./app.ts";
export type { Business, Resource, Service } from "./business/business.ts";
export { parseBusiness } from "./business/parse.ts";
export { compileAppointments } from "./document.ts";
export { BusinessError, StoreError } from "./errors.ts";
export { createGateway, gatewayPlatforms } from "./gateway/gateway.ts";
export type { GatewayOptions, GatewayPlatform } from "./gateway/gateway.ts";
export type { JokeOptions } from "./jokes/jokes.ts";
export type { Log } from "./log.ts";
export type { CallStore } from "./store/calls.ts";
export { openStore } from "./store/index.ts";
export type { Pruned, Store } from "./store/store.ts";
export { createThunderPhone } from "./thunderphone.ts";
export type { ThunderPhoneAgent, ThunderPhoneOptions } from "./thunderphone.ts";

/** The bundled example business. */
export const exampleBusiness = new URL("./business.yaml", import.meta.url);
