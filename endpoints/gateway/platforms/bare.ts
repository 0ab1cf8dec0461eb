import type { Platform } from "./platform.ts";

/** Bare arguments, as ThunderPhone and this kit's relay send them (design.md section 4). */
export const bare: Platform = {
  maxBodyBytes: 16 * 1024,
  read: (body, name) => ({
    calls: [{ name: name ?? "", arguments: body }],
    reply: ([answer]) => answer ?? {},
  }),
};
