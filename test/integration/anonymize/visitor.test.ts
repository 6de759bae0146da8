/** Somebody looks into the target while a copy makes its keys and indexes. */
import { expect, test } from "vitest";
import { runEnding } from "../../../src/anonymize/copy/finish.ts";
import { writeMarker } from "../../../src/anonymize/copy/marker.ts";
import type { Event } from "../../../src/events.ts";
import { opener } from "../../support/anonymize.ts";
import { withDatabase } from "../../support/database.ts";

test("a piece that a visitor's lock holds up is made when the visitor is gone", async () => {
  await using target = await withDatabase();
  const openTarget = opener(target.url);
  await using session = await openTarget({ writes: true });
  const identity = {
    system: null,
    database: "source",
    isStandby: false,
    snapshot: "1",
    replayed: null,
  };
  await writeMarker(session, { identity, planHash: "" });
  await session.script("create table t (a int); set lock_timeout = '300ms'");

  const visitor = await target.sql.reserve();
  await visitor.unsafe("begin; lock table t in access share mode");
  const notices: string[] = [];
  const events = (event: Event) => {
    if (event.type !== "notice") return;
    notices.push(event.message);
    if (notices.length === 2) void visitor.unsafe("rollback").execute();
  };
  const endings = [
    { label: "index t_a_idx", sql: "create index t_a_idx on public.t (a);" },
    { label: "column b of t", sql: "alter table public.t add column b int;" },
  ];
  await runEnding(session, endings, { done: 0, openTarget, events, signal: undefined });
  visitor.release();

  expect(notices.length).toBeGreaterThanOrEqual(2);
  expect(notices.at(-1)).toMatch(
    /^`column b of t` of the target: no lock, try 2; blocked by pid \d+ .*idle in transaction/,
  );
  const [made] = await target.sql`select pieces_done from pgwright.anonymized_copy`;
  expect(made).toEqual({ pieces_done: 2 });
  const columns = await target.sql`select attname from pg_attribute
    where attrelid = 't'::regclass and attnum > 0 order by attnum`;
  expect(columns.map(({ attname }) => attname)).toEqual(["a", "b"]);
});
