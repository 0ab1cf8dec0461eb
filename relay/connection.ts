import type { WebSocket } from "ws";
import type { Switchboard } from "./board.ts";
import { streamReply } from "./claude.ts";
import type { History } from "./history.ts";
import { ModelError } from "./errors.ts";
import { parseMessage, toFrame } from "./protocol.ts";
import { step } from "./session.ts";
import { NEW_SESSION } from "./state.ts";
import type { Action, Event, Session, Timer, ToolUse } from "./state.ts";
import { runTool, toUses } from "./tools.ts";
import { toSystem } from "./system.ts";

/** Joins one socket to one session: frames and results in, actions out. Nothing here decides. */
export function connect(socket: WebSocket, board: Switchboard): void {
  const { limits, log } = board;
  let session: Session = NEW_SESSION;
  let system = "";
  let asking = new AbortController();
  const tools = new Map<string, AbortController>();
  const timers = new Map<Timer, NodeJS.Timeout>();
  const setup = setTimeout(
    () => socket.close(1008, "no setup"),
    limits.setupWithinMs,
  );

  /** A fault in one call is that call's: it ends in a sentence, and touches no other. */
  function dispatch(event: Event): void {
    try {
      const [next, actions] = step(session, event, board.agent.phrases);
      session = next;
      for (const action of actions) perform(action);
    } catch (error) {
      log.error("call.fault", {
        callSid: session.callSid,
        error: String(error),
      });
      send({ type: "text", token: board.agent.phrases.lineLost, last: true });
      socket.close(1011, "internal error");
    }
  }

  function perform(action: Action): void {
    switch (action.do) {
      case "send":
        return send(action.frame);
      case "ask":
        return askModel(action.ask, action.history);
      case "stop-asking":
        return asking.abort();
      case "call-tool":
        return callTool(action.use);
      case "stop-tool":
        return tools.get(action.id)?.abort();
      case "start-timer": {
        const wait = {
          filler: limits.fillerAfterMs,
          "filler-again": limits.fillerAgainMs,
          keys: limits.keysAfterMs,
        };
        clearTimeout(timers.get(action.timer));
        timers.set(
          action.timer,
          setTimeout(
            () => dispatch({ type: "timer", timer: action.timer }),
            wait[action.after],
          ),
        );
        return;
      }
      case "stop-timer":
        return clearTimeout(timers.get(action.timer));
      case "note":
        return log.warn(action.event, {
          callSid: session.callSid,
          ...action.fields,
        });
      default:
        return action satisfies never;
    }
  }

  function send(frame: Parameters<typeof toFrame>[0]): void {
    if (socket.readyState === socket.OPEN) socket.send(toFrame(frame));
  }

  function askModel(ask: number, history: History): void {
    const controller = new AbortController();
    asking = controller;
    const request = {
      model: board.model,
      system,
      tools: board.definitions,
      messages: history.messages,
    };
    streamReply(board.client, request, {
      signal: controller.signal,
      stallMs: limits.modelStallMs,
      onText: (text) => dispatch({ type: "text", ask, text }),
    }).then(
      ({ content, calls }) =>
        dispatch({
          type: "reply",
          ask,
          content,
          uses: toUses(calls, board.catalog),
        }),
      (error: unknown) =>
        dispatch({ type: "model-failed", ask, ...describe(error) }),
    );
  }

  function callTool(use: ToolUse): void {
    const controller = new AbortController();
    tools.set(use.id, controller);
    const started = performance.now();
    const tool = board.catalog.tools.find(({ name }) => name === use.name);
    const timeoutMs = tool?.policy.timeoutMs ?? limits.toolTimeoutMs;
    const { callSid } = session;
    const run = runTool(board.callTool, use, {
      callId: callSid,
      signal: controller.signal,
      timeoutMs,
    }).then((outcome) => {
      tools.delete(use.id);
      const ms = Math.round(performance.now() - started);
      log.info("tool.called", {
        callSid,
        tool: use.name,
        ok: !outcome.isError,
        ms,
      });
      dispatch({ type: "result", id: use.id, outcome });
    });
    board.running.add(run);
    void run.finally(() => board.running.delete(run));
  }

  socket.on("message", (data, isBinary) => {
    const frame = isBinary
      ? undefined
      : parseMessage((data as Buffer).toString("utf8"));
    if (!frame) {
      log.warn("frame.malformed", { callSid: session.callSid });
      return;
    }
    dispatch({ type: "frame", frame });
    if (frame.type !== "setup" || system !== "") return;
    clearTimeout(setup);
    system = toSystem(board.agent, board.now());
    log.info("call.started", { callSid: session.callSid });
  });
  socket.on("error", (error) =>
    log.warn("socket.error", {
      callSid: session.callSid,
      error: error.message,
    }),
  );
  socket.on("close", (code) => {
    clearTimeout(setup);
    dispatch({ type: "closed" });
    log.info("call.ended", { callSid: session.callSid, code });
  });
}

/** Kind and status of a fault; never the request, which has the caller's words. */
function describe(error: unknown): { reason: string; isFinal: boolean } {
  if (error instanceof ModelError)
    return { reason: error.reason, isFinal: false };
  const status =
    error instanceof Error && "status" in error
      ? Number(error.status)
      : Number.NaN;
  const kind = error instanceof Error ? error.constructor.name : "unknown";
  // What these statuses say about a request is true of the same request again (RFC 9110, section 15.5).
  const isFinal =
    status >= 400 && status < 500 && ![408, 409, 429].includes(status);
  return { reason: Number.isNaN(status) ? kind : `${kind} ${status}`, isFinal };
}
