import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** The requests of a server that have no answer yet. */
export interface Traffic {
  /** From now on each answer asks its client to come back on another connection. */
  sendAway: () => void;
  /** Resolves as soon as none is running. */
  untilQuiet: () => Promise<void>;
  /** Whether somebody has a connection open. */
  hasClients: () => boolean;
}

/** Give it the server before anything else listens to its requests: headers go out early. */
export function watchTraffic(server: Server): Traffic {
  const running = new Set<ServerResponse>();
  const waiting = new Set<() => void>();
  const connections = new Set<Socket>();
  let isSendingAway = false;

  function leave(response: ServerResponse): void {
    if (!response.headersSent) response.setHeader("Connection", "close");
  }
  server.on("connection", (socket: Socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  server.on("request", (_req, response: ServerResponse) => {
    running.add(response);
    if (isSendingAway) leave(response);
    response.once("close", () => {
      running.delete(response);
      if (running.size > 0) return;
      for (const wake of waiting) wake();
      waiting.clear();
    });
  });

  return {
    sendAway() {
      isSendingAway = true;
      for (const response of running) leave(response);
    },
    untilQuiet: () =>
      new Promise((resolve) => {
        if (running.size === 0) resolve();
        else waiting.add(resolve);
      }),
    hasClients: () => connections.size > 0,
  };
}
