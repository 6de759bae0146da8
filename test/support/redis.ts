import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createClient } from "@redis/client";
import { findFreePort } from "../../src/db/embedded/port.ts";
import { eventually } from "./eventually.ts";
import { withFolder } from "./folder.ts";

export const hasRedis = spawnSync("redis-server", ["--version"]).status === 0;

export interface TestRedis extends AsyncDisposable {
  readonly url: string;
}

/** A Redis of its own, in memory only. */
export async function withRedis(): Promise<TestRedis> {
  const folder = await withFolder();
  const port = await findFreePort();
  const settings = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--dir",
    folder.path,
  ];
  const child = spawn("redis-server", settings, { stdio: "ignore" });
  const ended = once(child, "close");
  const url = `redis://127.0.0.1:${port}`;
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error("redis-server ended");
    const client = createClient({ url, socket: { reconnectStrategy: false } });
    client.on("error", () => {}); // not up yet
    try {
      await client.connect();
      return (await client.ping()) === "PONG";
    } catch {
      return false;
    } finally {
      if (client.isOpen) client.destroy();
    }
  }, "Redis to answer");
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      await folder[Symbol.asyncDispose]();
    },
  };
}
