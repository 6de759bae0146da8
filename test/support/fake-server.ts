import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";

export interface FakeServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** Keeps what is connected and refuses what comes. */
  stopListening(): void;
  /** Connections accepted so far. */
  connections(): number;
}

/** Something that listens on 127.0.0.1 and treats every connection as `behave` says. */
export async function listen(behave: (socket: Socket) => void): Promise<FakeServer> {
  const open = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    count += 1;
    open.add(socket);
    socket.on("close", () => open.delete(socket)).on("error", () => {});
    behave(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `postgres://app:hunter2@127.0.0.1:${port}/shop?sslmode=disable`,
    stopListening: () => void server.close(),
    connections: () => count,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, "close");
    },
  };
}

/** One message of the server. */
export function message(type: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** `Authentication…` with its number. */
export function authentication(kind: number, data: string | Buffer = ""): Buffer {
  return message("R", Buffer.from([0, 0, 0, kind]), data);
}

export function errorResponse(code: string, text: string): Buffer {
  return message("E", `SFATAL\0VFATAL\0C${code}\0M${text}\0\0`);
}
