import type { Writable } from "node:stream";
import { pino } from "pino";

/** The log that the rooms take: events with facts, one JSON line each. */
export interface Log {
  info(event: string, fields: object): void;
  warn(event: string, fields: object): void;
  error(event: string, fields: object): void;
}

export function createLog(stream: Writable, level: string): Log {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { log: hideNumbers },
    },
    stream,
  );
  return {
    info: (event, fields) => logger.info(fields, event),
    warn: (event, fields) => logger.warn(fields, event),
    error: (event, fields) => logger.error(fields, event),
  };
}

/** Some platforms make a call's id of the caller's number (sip:+14155550100@host). */
function hideNumbers(fields: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === "string"
        ? value.replaceAll(/\+\d{7,15}/g, (number) => `+…${number.slice(-2)}`)
        : (value as unknown),
    ]),
  );
}
