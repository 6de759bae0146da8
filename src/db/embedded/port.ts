import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/**
 * The port a project's server tries first when it never ran: the same on every machine for the
 * same path, from 20000 to 29999, which is below the ports that systems give to outgoing
 * connections (Linux from 32768, macOS from 49152).
 */
export function firstPortOf(directory: string): number {
  return 20_000 + (createHash("sha256").update(directory).digest().readUInt32BE(0) % 10_000);
}

/** True when a server could listen on this port of 127.0.0.1 now. */
export async function isPortFree(port: number): Promise<boolean> {
  return (await tryListening(port)) !== undefined;
}

/** A port of 127.0.0.1 that is free now; another process may take it at any time. */
export async function findFreePort(): Promise<number> {
  const port = await tryListening(0);
  if (port === undefined) throw new Error("no port of 127.0.0.1 is free");
  return port;
}

async function tryListening(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen({ port, host: "127.0.0.1" });
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "EADDRINUSE" || code === "EACCES") return undefined; // EACCES: below 1024
    throw error;
  } finally {
    server.close();
  }
}
