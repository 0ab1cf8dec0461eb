// https://www.twilio.com/docs/voice/twiml/connect/conversationrelay (read November 2026)

/** The attributes of `<ConversationRelay>` that this relay sets. */
export interface RelayAttributes {
  /** wss:// address of the WebSocket. */
  url: string;
  welcomeGreeting: string;
  language: string;
  voice?: string;
  ttsProvider?: string;
}

/** TwiML that hands the call to the WebSocket; `action` is asked for what comes after. */
export function toConnectTwiml(
  attributes: RelayAttributes,
  action: string,
): string {
  const all = {
    ...attributes,
    dtmfDetection: "true",
    interruptible: "any",
    // Says which clauses were played: what an interrupted caller has heard is counted from these.
    events: "tokens-played",
  };
  const list = Object.entries(all).map(
    ([name, value]) => ` ${name}="${escapeXml(value)}"`,
  );
  return toResponse(
    `<Connect action="${escapeXml(action)}"><ConversationRelay${list.join("")}/></Connect>`,
  );
}

/** TwiML that ends the call, after a last sentence where there is one. */
export function toHangupTwiml(sentence?: {
  text: string;
  language: string;
}): string {
  const say = sentence
    ? `<Say language="${escapeXml(sentence.language)}">${escapeXml(sentence.text)}</Say>`
    : "";
  return toResponse(`${say}<Hangup/>`);
}

function toResponse(verbs: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Response>${verbs}</Response>`;
}

/** Escapes for text and attributes; drops what XML 1.0 (section 2.2) does not allow at all. */
function escapeXml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
  };
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "")
    .replaceAll(/[&<>"']/g, (letter) => entities[letter] as string);
}
