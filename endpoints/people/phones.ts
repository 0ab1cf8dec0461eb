import { createRequire } from "node:module";
import type * as Phones from "libphonenumber-js/min";

const require = createRequire(import.meta.url);

/** What reads phone numbers; loaded with the first of them, because a start has no time for it. */
export function loadPhones(): typeof Phones {
  return require("libphonenumber-js/min") as typeof Phones;
}

/** Whether numbers of this country can be read; from the package's data alone. */
export function hasPhones(country: string): boolean {
  const { countries } = require("libphonenumber-js/min/metadata") as {
    countries: object;
  };
  return Object.hasOwn(countries, country);
}
