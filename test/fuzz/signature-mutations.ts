import { mutateBytes, mutateText, pick } from "./bytes.ts";
import { rules } from "./signature-oracle.ts";
import type { SentRequest } from "./signature-oracle.ts";

type Mutation = (
  request: SentRequest,
  context: {
    name: string;
    random: () => number;
    /** A good request of any scheme, for parts that belong to another one. */
    other: { name: string; request: SentRequest };
  },
) => SentRequest;

/** What an attacker or a faulty proxy does to a signed request. Some may do nothing; the oracle tells. */
export const mutations: readonly Mutation[] = [
  changeBody,
  changeBody,
  wrapBody,
  changeHeader,
  changeHeader,
  respellSignature,
  moveTime,
  changeAddress,
  changeSecret,
  moveBoundary,
  mixRequests,
  confuseSchemes,
];

function changeBody(request: SentRequest, { random }: Context): SentRequest {
  return { ...request, body: mutateBytes(request.body, random) };
}
type Context = Parameters<Mutation>[1];

function wrapBody(request: SentRequest, { random }: Context): SentRequest {
  const { body } = request;
  return {
    ...request,
    body: pick(random, [
      Buffer.concat([
        body,
        Buffer.from(pick(random, ["\n", "\r\n", " ", "\0", "&", "=", "&a=b"])),
      ]),
      Buffer.concat([Buffer.from(pick(random, ["\uFEFF", " ", "&"])), body]),
      Buffer.from(body.toString("utf8")), // loses what is no UTF-8
      Buffer.from(body.toString("latin1")),
      Buffer.concat([body, body]),
      Buffer.alloc(0),
    ]),
  };
}

/** Any of the scheme's own headers: changed by a byte, emptied or taken away. */
function changeHeader(request: SentRequest, { random }: Context): SentRequest {
  const name = pick(random, Object.keys(request.headers));
  const { [name]: value = "", ...others } = request.headers;
  const changed = pick(random, [
    mutateText(value, random),
    mutateText(value, random),
    mutateText(mutateText(value, random), random),
    `${value}, ${value}`,
    ` ${value}`,
    `${value},`,
    "",
    undefined,
  ]);
  return {
    ...request,
    headers: changed === undefined ? others : { ...others, [name]: changed },
  };
}

/** The same digest in another spelling, or a part of it. */
function respellSignature(
  request: SentRequest,
  { name, random }: Context,
): SentRequest {
  const header = rules[name]?.header ?? "";
  const value = request.headers[header] ?? "";
  const last = value.at(-1) ?? "";
  const spelled = pick(random, [
    value.toUpperCase(),
    value.toLowerCase(),
    value.replaceAll("+", "-").replaceAll("/", "_"),
    value.replace(/=+$/, ""),
    `${value}=`,
    value.slice(0, -2),
    `${value}00`,
    // the next character of base64 has other stray bits
    value.replace(/.(?==+$)/, (end) =>
      String.fromCharCode(end.charCodeAt(0) + 1),
    ),
    value.replace(
      /[0-9a-f]$/,
      String.fromCharCode(last.charCodeAt(0) + 0xfee0),
    ),
    value.replace(/^[^,= ]*[,=:]/, ""),
    value.replace(/v[0-9]/, "v9"),
    Buffer.from(value, "hex").toString("base64"),
    Buffer.from(value, "base64").toString("hex"),
  ]);
  return { ...request, headers: { ...request.headers, [header]: spelled } };
}

/** The receiver's clock beyond the window, or the sent time changed. */
function moveTime(
  request: SentRequest,
  { name, random }: Context,
): SentRequest {
  const { window, time } = rules[name] ?? {};
  if (!window) return request;
  if (random() < 0.5) {
    const seconds = pick(random, [
      -301,
      window.pastSeconds + 2,
      86_400,
      -86_400,
    ]);
    return {
      ...request,
      now: new Date(request.now.getTime() + seconds * 1000),
    };
  }
  const header = time ?? rules[name]?.header ?? "";
  const value = request.headers[header] ?? "";
  return {
    ...request,
    headers: {
      ...request.headers,
      [header]: value.replace(/\d{10,13}/, (digits) =>
        pick(random, [
          String(Number(digits) + 1),
          `0${digits}`,
          `${digits}.0`,
          `${digits}000`,
          ` ${digits}`,
          `+${digits}`,
          Number(digits).toExponential(),
          `0x${Number(digits).toString(16)}`,
        ]),
      ),
    },
  };
}

function changeAddress(request: SentRequest, { random }: Context): SentRequest {
  const { url, method } = request;
  return pick(random, [
    { ...request, url: mutateText(url, random) },
    { ...request, url: `${url}&x=1` },
    { ...request, url: url.replace("https", "http") },
    { ...request, url: url.replace("kit.example", "kit.example:8443") },
    { ...request, url: url.replace("/t", "//t") },
    { ...request, method: pick(random, ["GET", "DELETE", "post", ""]) },
    { ...request, method: mutateText(method, random) },
  ]);
}

function changeSecret(request: SentRequest, { random }: Context): SentRequest {
  const { secret } = request;
  return {
    ...request,
    secret: pick(random, [
      mutateText(secret, random),
      mutateText(secret, random),
      secret.replace(/^wh(sec|pk)_/, ""),
      `whsec_${secret}`,
      secret.toUpperCase(),
      `${secret}\n`,
      "",
      " ",
    ]),
  };
}

/** Moves bytes between the body and the value beside it: a message without separators would stay the same. */
function moveBoundary(
  request: SentRequest,
  { name, random }: Context,
): SentRequest {
  const { time, id } = rules[name] ?? {};
  const header = pick(
    random,
    [time, id]
      .filter((each) => each !== undefined)
      .concat(time === undefined ? ["x-none"] : []),
  );
  const value = request.headers[header] ?? "";
  const length = 1 + Math.floor(random() * 3);
  const text = request.body.toString("latin1");
  const [moved, body] =
    random() < 0.5
      ? [value.slice(0, -length), value.slice(-length) + text]
      : [value + text.slice(0, length), text.slice(length)];
  return {
    ...request,
    body: Buffer.from(body, "latin1"),
    headers: { ...request.headers, [header]: moved },
  };
}

/** Headers of one good request with the body, address or time of another. */
function mixRequests(
  request: SentRequest,
  { other, random }: Context,
): SentRequest {
  const { headers, body, url } = other.request;
  return pick(random, [
    { ...request, body },
    { ...request, body, url },
    { ...request, headers },
    { ...request, headers: { ...headers, ...request.headers }, body },
  ]);
}

/** A good request of another scheme under this one's headers: signature, time and id as they are. */
function confuseSchemes(
  request: SentRequest,
  { name, other, random }: Context,
): SentRequest {
  const from = rules[other.name];
  const to = rules[name];
  if (!from || !to) return request;
  const sent = other.request.headers;
  const value = sent[from.header] ?? "";
  const { signatures, time = sent[from.time ?? ""] ?? "" } = from.read(value);
  const [signature = ""] = signatures;
  // As this scheme would write it: its own header with the other's signature in it.
  const own = request.headers[to.header] ?? "";
  const [replaced = ""] = to.read(own).signatures;
  const headers = new Map(Object.entries(request.headers));
  headers.set(
    to.header,
    random() < 0.3 ? value : own.replace(replaced, signature),
  );
  if (to.time !== undefined && time !== "") headers.set(to.time, time);
  if (to.id !== undefined) headers.set(to.id, sent[from.id ?? ""] ?? "msg_1");
  return {
    ...other.request,
    secret: random() < 0.5 ? other.request.secret : request.secret,
    headers: Object.fromEntries(headers),
  };
}
