import { once } from "node:events";
import { createServer } from "node:http";
import type { RequestListener, Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A real HTTP server on a free port. */
export interface TestServer {
  url: string;
  server: Server;
  close: () => Promise<void>;
}

const running: TestServer[] = [];

/** Ends every server that the test has started. */
export async function closeServers(): Promise<void> {
  for (const { close } of running.splice(0)) await close();
}

export async function startServer(
  listener: RequestListener,
): Promise<TestServer> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const started: TestServer = {
    url: `http://127.0.0.1:${port}`,
    server,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  running.push(started);
  return started;
}
