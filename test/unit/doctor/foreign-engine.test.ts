/** Engines that no test server is: what is asked of them, and what not. */
import { expect, test } from "vitest";
import type { Session } from "../../../src/db/session.ts";
import { runDoctor } from "../../../src/doctor/doctor.ts";
import { readEngine } from "../../../src/doctor/engine.ts";

/** Answers by the first key that the statement contains; an Error is thrown. */
function sessionOf(answers: Record<string, object | Error>) {
  const asked: string[] = [];
  const answer = async (text: string) => {
    asked.push(text);
    const [, found] = Object.entries(answers).find(([key]) => text.includes(key)) ?? [];
    if (found === undefined) throw new Error(`not expected: ${text}`);
    if (found instanceof Error) throw found;
    return found;
  };
  const session = {
    server: { database: "shop", role: "ann", host: "db", version: "16.0", isStandby: false },
    isDead: false,
    one: answer,
    query: async (text: string) => [await answer(text)],
    script: async () => {},
    settle: async () => {},
  };
  return { session: session as unknown as Session, asked };
}

const marks = { extensions: ["plpgsql"], settingPrefixes: ["rds"], objects: [] };
const postgres16 = { version: "PostgreSQL 16.4 on aarch64-unknown-linux-gnu" };

test("another program is asked for its version and nothing else", async () => {
  const { session, asked } = sessionOf({
    "version()": { version: "CockroachDB CCL v24.1.2 (x86_64-pc-linux-gnu)" },
  });
  const report = await runDoctor(session, {
    migrationsRole: undefined,
    ledgerSchema: "public",
    events: () => {},
  });
  expect(asked).toEqual(["select pg_catalog.version() as version"]);
  expect(report).toMatchObject({ facts: null, worst: "error", checks: [] });
  expect(report.findings).toMatchObject([{ rule: "doctor/engine", severity: "error" }]);
});

test("Aurora answers a call that RDS refuses", async () => {
  const aurora = sessionOf({
    "aurora_version()": { aurora_version: "16.4.1" },
    pg_extension: marks,
    "version()": postgres16,
  });
  expect((await readEngine(aurora.session)).name).toBe("Amazon Aurora");
  const refusal = Object.assign(new Error("function aurora_version() does not exist"), {
    name: "PostgresError",
    code: "42883",
  });
  const rds = sessionOf({
    "aurora_version()": refusal,
    pg_extension: marks,
    "version()": postgres16,
  });
  expect((await readEngine(rds.session)).name).toBe("Amazon RDS for PostgreSQL");
});

test("nobody else is asked for it", async () => {
  const { session, asked } = sessionOf({
    pg_extension: { ...marks, settingPrefixes: [] },
    "version()": postgres16,
  });
  expect(await readEngine(session)).toEqual({ name: "PostgreSQL", kind: "postgres" });
  expect(asked.some((text) => text.includes("aurora"))).toBe(false);
});
