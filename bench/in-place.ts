/** 500,000 people with four indexes, masked in place, beside UPDATE of the same columns and VACUUM FULL. */
import postgres from "postgres";
import { maskInPlace } from "../src/anonymize/in-place/in-place.ts";
import { readKey } from "../src/anonymize/key.ts";
import { applySettings, planMasking } from "../src/anonymize/plan.ts";
import { parseRules } from "../src/anonymize/rules/read.ts";
import { connectTo } from "../test/support/connection.ts";
import type { Place } from "./main.ts";

const rows = Number(process.env["BENCH_ROWS"] ?? 500_000);
const runs = Number(process.env["BENCH_RUNS"] ?? 3);

const rules = parseRules(
  `tables:
  public.people:
    columns:
      email: email
      first_name: first_name
      last_name: last_name
      phone: phone
      street: street
      birth_date: { mask: date_shift, by: id }
      bio: scramble
`,
  "policies/masking.yaml",
);
const ledger = { schema: "public", table: "schema_migrations" };

export async function maskedInPlace({ serverUrl }: Place): Promise<string> {
  const url = serverUrl.replace(/\/postgres$/, "/bench_in_place");
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} });
  const fresh = async () => {
    await admin.unsafe("drop database if exists bench_in_place with (force)");
    await admin.unsafe("create database bench_in_place");
    const sql = postgres(url, { max: 1, onnotice: () => {} });
    await sql.unsafe(`
      create table people (
        id bigint primary key, email text, first_name text, last_name text, phone text, street text,
        birth_date date, bio text, is_active boolean, created_at timestamptz);
      insert into people
      select i, 'person' || i || '@mail.example', 'First' || i % 5000, 'Last' || i % 20000,
        '+49 30 ' || 1000000 + i, i % 300 || ' Long Street', date '1950-01-01' + (i % 18000)::int,
        case when i % 4 = 0 then 'likes running and number ' || i end, i % 7 > 0, now() - i * interval '1 s'
      from generate_series(1, ${rows}) i;
      create unique index on people (email);
      create index on people (lower(last_name), first_name);
      create index on people (phone)`);
    await sql.unsafe("vacuum analyze people");
    await sql.unsafe("checkpoint");
    await sql.end();
  };
  const key = await readKey({
    variable: "5f2b8c1d9e04a7f36b1c8d2e7f90a4b35c6d1e8f2a7b9043c5d6e1f8a2b70943",
    file: undefined,
    isEphemeral: false,
  });
  const plan = (session: Awaited<ReturnType<typeof connectTo>>) =>
    planMasking(session, { rules, key, ledger });
  const naive = async () => {
    await using session = await connectTo(url, { writes: true });
    const { tables, settings } = await plan(session);
    await applySettings(session, settings);
    const [people] = tables;
    const masked = people?.columns.filter(({ expression }) => expression !== undefined) ?? [];
    // The masks read from subqueries beside the table, which an UPDATE joins by the row's place.
    const list = masked.map(({ name }) => `${name} = m.${name}`).join(", ");
    const select = masked.map(({ name, expression }) => `${expression} as ${name}`).join(", ");
    await session.query(
      `update public.people p set ${list} from (select t.ctid as place, ${select} from ${people?.from}) m where p.ctid = m.place`,
    );
    await session.query("vacuum full public.people");
  };
  const ours = async () => {
    await maskInPlace({
      open: (need) => connectTo(url, { writes: need.writes }),
      protectedBy: undefined,
      confirmed: "bench_in_place",
      planMasking: plan,
      dryRun: false,
      events: () => {},
    });
  };
  const figures: Record<"naive" | "ours", number[]> = { naive: [], ours: [] };
  for (let round = 0; round < runs; round += 1) {
    for (const [name, work] of [["naive", naive] as const, ["ours", ours] as const]) {
      await fresh();
      const startedAt = performance.now();
      await work();
      figures[name].push(performance.now() - startedAt);
    }
  }
  await admin.unsafe("drop database if exists bench_in_place with (force)");
  await admin.end();
  const middle = (list: number[]) => list.toSorted((a, b) => a - b)[list.length >> 1] ?? Number.NaN;
  const say = (list: number[]) =>
    `${(middle(list) / 1000).toFixed(1)} s (${list.map((ms) => (ms / 1000).toFixed(1)).join(", ")})`;
  return [
    `${rows.toLocaleString("en-GB")} rows, seven masked columns, four indexes`,
    `UPDATE of the same columns, then VACUUM FULL: ${say(figures.naive)}`,
    `anonymize run --in-place, with all it scrubs: ${say(figures.ours)}`,
    `ratio: ${(middle(figures.ours) / middle(figures.naive)).toFixed(2)} (target: at most 0.7)`,
  ].join("\n");
}
