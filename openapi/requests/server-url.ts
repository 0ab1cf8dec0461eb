import { RequestError } from "../errors.ts";
import { encodeLiteral } from "./percent.ts";

export interface BaseUrl {
  /** Without the slash at its end. */
  url: string;
  query: string;
}

/** Takes a server's URL apart so that a path can follow. @throws RequestError where there is none to send to */
export function toBaseUrl(toolName: string, server?: string): BaseUrl {
  const refuse = (fault: string) =>
    new RequestError("no_server", `${toolName} ${fault}; give a base URL`);
  if (server === undefined) throw refuse("has no absolute server URL");
  const variable = /\{([^{}]*)\}/.exec(server)?.[0];
  if (variable !== undefined)
    throw refuse(`has no value for ${variable} in its server URL`);
  if (!/^\s*https?:\/\//i.test(server) || !URL.canParse(server))
    throw refuse("has no absolute server URL");
  const { username, password, origin, pathname, search } = new URL(server);
  // fetch refuses such a URL, and with the URL it would write the password into its error.
  if (username !== "" || password !== "")
    throw refuse("has a user name or password in its server URL");
  return {
    url: `${origin}${encodeLiteral(pathname).replace(/\/+$/, "")}`,
    query: search.slice(1),
  };
}
