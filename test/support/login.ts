import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { serverUrl } from "./database.ts";

/** A login role without rights beyond `attributes`, and cleaned up with everything it made. */
export async function withLogin(attributes = "") {
  const admin = postgres(serverUrl(), { max: 1, onnotice: () => {} });
  const name = `login ${randomBytes(4).toString("hex")}`;
  await admin.unsafe(`create role "${name}" login password 'secret' ${attributes}`);
  const others: string[] = [];
  return {
    name,
    admin,
    /** A role that is dropped as well. */
    alsoDrop: (role: string) => others.push(role),
    urlOf(url: string): string {
      const mine = new URL(url);
      mine.username = encodeURIComponent(name);
      mine.password = "secret";
      return mine.href;
    },
    async [Symbol.asyncDispose]() {
      for (const role of [...others, name]) {
        await admin.unsafe(`drop owned by "${role}" cascade`);
        await admin.unsafe(`drop role "${role}"`);
      }
      await admin.end();
    },
  };
}
