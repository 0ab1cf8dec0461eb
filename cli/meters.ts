import prometheus from "prom-client";

/** What is counted, and its text for Prometheus. */
export interface Meters {
  noteAnswer: (answer: { tool: string; code: string; ms: number }) => void;
  noteRefusal: (reason: string) => void;
  contentType: string;
  read: () => Promise<string>;
}

/** A caller hears a pause from about 0.7 s on; after 8 s the relay gives up (TOOL_TIMEOUT_MS). */
const BUCKETS_SECONDS = [0.01, 0.05, 0.1, 0.3, 0.7, 1, 2, 5, 8];

/** Meters with a registry of their own, so that two servers in one process do not mix. */
export function createMeters(version: string): Meters {
  const registry = new prometheus.Registry();
  const registers = [registry];
  prometheus.collectDefaultMetrics({ register: registry });
  new prometheus.Gauge({
    name: "tool_endpoint_kit_build_info",
    help: "Always 1; the labels say what runs.",
    labelNames: ["version", "node", "tz"],
    registers,
  }).set(
    { version, node: process.versions.node, tz: process.versions.tz ?? "" },
    1,
  );
  const calls = new prometheus.Counter({
    name: "tool_calls_total",
    help: "Tool calls that were answered, by tool and code (ok, or why not).",
    labelNames: ["tool", "code"],
    registers,
  });
  const durations = new prometheus.Histogram({
    name: "tool_call_duration_seconds",
    help: "From the verified call to its answer.",
    labelNames: ["tool"],
    buckets: BUCKETS_SECONDS,
    registers,
  });
  const refused = new prometheus.Counter({
    name: "tool_calls_refused_total",
    help: "Requests that were not let in, by reason.",
    labelNames: ["reason"],
    registers,
  });

  return {
    noteAnswer({ tool, code, ms }) {
      calls.inc({ tool, code });
      durations.observe({ tool }, ms / 1000);
    },
    noteRefusal: (reason) => refused.inc({ reason }),
    contentType: registry.contentType,
    read: () => registry.metrics(),
  };
}
