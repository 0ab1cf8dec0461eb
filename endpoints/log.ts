/** Takes events with facts; never names, numbers or words of a caller. */
export interface Log {
  info(event: string, fields: object): void;
  warn(event: string, fields: object): void;
  error(event: string, fields: object): void;
}

export const SILENT: Log = { info() {}, warn() {}, error() {} };
