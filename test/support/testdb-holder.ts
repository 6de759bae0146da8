/** A process that holds a test database, as a test run does. */
import { spawn } from "node:child_process";
import { join } from "node:path";

const library = join(import.meta.dirname, "..", "..", "dist", "testing.js");

export interface Holder {
  readonly name: string;
  readonly url: string;
  /** `kill -9`. */
  kill(): Promise<void>;
  /** Lets it drop its database and end by itself; its exit status and what it has written. */
  end(): Promise<{ code: number | null; output: string }>;
}

/** Starts it in a project's folder and waits until it has its database. */
export async function startHolder(path: string, ttl: string, serverUrl: string): Promise<Holder> {
  const script = `
    import { testDatabase } from ${JSON.stringify(library)};
    const db = await testDatabase({ ttl: ${JSON.stringify(ttl)} });
    process.send({ name: db.name, url: db.url });
    process.once("message", async () => { process.disconnect(); await db.drop(); });`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: path,
    env: { ...process.env, TEST_DATABASE_URL: serverUrl },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let output = "";
  child.stdout?.on("data", (data: Buffer) => (output += data.toString()));
  child.stderr?.on("data", (data: Buffer) => (output += data.toString()));
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  const database = await new Promise<{ name: string; url: string }>((resolve, reject) => {
    child.once("message", (message) => resolve(message as { name: string; url: string }));
    void closed.then(() => reject(new Error(`the holder ended: ${output}`)));
  });
  return {
    ...database,
    async kill() {
      child.kill("SIGKILL");
      await closed;
    },
    async end() {
      child.send("end");
      return { code: await closed, output };
    },
  };
}
