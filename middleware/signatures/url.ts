/**
 * A URL as it is, and with its port taken away, or its scheme's own added:
 * senders and proxies differ (Twilio leaves any port out over https; its own
 * packages try both). Escapes stay as written.
 */
export function spellPort(url: string): string[] {
  const [, scheme, host = "", rest = ""] =
    /^(\w+:\/\/)([^/?#]*)(.*)$/s.exec(url) ?? [];
  if (scheme === undefined) return [url];
  const bare = host.replace(/:\d+$/, "");
  const port = /^(http|ws):/i.test(scheme) ? ":80" : ":443";
  const other = bare === host ? `${host}${port}` : bare;
  return [url, `${scheme}${other}${rest}`];
}

/** One query parameter, decoded; a repeated one is none. */
export function readParameter(url: string, name: string): string | undefined {
  const query = url.indexOf("?");
  if (query < 0) return undefined;
  const [text = ""] = url.slice(query + 1).split("#");
  const values = new URLSearchParams(text).getAll(name);
  return values.length === 1 ? values[0] : undefined;
}
