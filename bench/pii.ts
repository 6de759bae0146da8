/** pii-scan over 1,000 columns and 10,000,000 rows, beside a full scan in SQL; and how right it is. */
import { join } from "node:path";
import postgres from "postgres";
import { scan } from "../src/pii/scan.ts";
import { connectTo } from "../test/support/connection.ts";
import { buildLabelled, readLabelled, score, type Score } from "../test/fixtures/pii/labelled.ts";
import type { Place } from "./main.ts";

const tables = 100;
const rows = 100_000;

/** Ten columns, four of them personal, under names that say nothing. */
const createFirst = `
create unlogged table t0 as
select n as a, 'user' || n || '@example.' || (array['com','org','net'])[1 + n % 3] as b,
  md5(n::text) as c, (array['pending','running','done'])[1 + n % 3] as d,
  '+44 20 7946 ' || lpad((n % 10000)::text, 4, '0') as e, 1700000000000 + n * 977 as f,
  now() - n * interval '1 minute' as g, 'Item no. ' || n || ' of batch ' || n % 97 as h,
  (11 + n % 200) || '.' || n % 256 || '.' || (n * 7) % 256 || '.' || 1 + n % 254 as i,
  case when n % 50 = 0 then 'please write to user' || n || '@example.com' else 'nothing to add' end as j
from generate_series(1, ${rows}) n`;

/** What one regular expression can tell, in one pass over every column. */
const personal = String.raw`[\w.+-]+@[\w-]+\.\w{2,}|\+\d{1,3}[ -]?\d{2,4}[ -]?\d{3,4}[ -]?\d{3,4}|\m(\d{1,3}\.){3}\d{1,3}\M|\m\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{4}\M|\m[A-Z]{2}\d{2}[A-Z0-9]{11,30}\M`;

export async function findPersonalData({ root, serverUrl }: Place): Promise<string> {
  const database = "bench_pii";
  const url = serverUrl.replace(/\/postgres$/, `/${database}`);
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} });
  await admin.unsafe(`drop database if exists ${database} with (force)`);
  await admin.unsafe(`create database ${database}`);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await sql.unsafe(createFirst);
  for (let n = 1; n < tables; n += 1) await sql.unsafe(`create unlogged table t${n} as table t0`);
  await sql.unsafe("vacuum analyze");

  const timed = async (work: () => Promise<unknown>) => {
    const started = performance.now();
    await work();
    return performance.now() - started;
  };
  const scanAt = (level: "fast" | "sample") =>
    timed(async () => {
      await using session = await connectTo(url);
      await scan(session, { level });
    });
  const columns = [..."abcdefghij"]
    .map((c) => `count(*) filter (where ${c}::text ~ $1)`)
    .join(", ");
  const sample =
    [await scanAt("sample"), await scanAt("sample"), await scanAt("sample")].toSorted(
      (a, b) => a - b,
    )[1] ?? 0;
  const fast = await scanAt("fast");
  const full = await timed(async () => {
    for (let n = 0; n < tables; n += 1)
      await sql.unsafe(`select ${columns} from t${n}`, [personal]);
  });
  await sql.end();
  await admin.unsafe(`drop database ${database} with (force)`);
  const accuracy = await measureAccuracy(admin, { root, serverUrl });
  await admin.end();
  const line = (name: string, ms: number) =>
    `${name.padEnd(44)} ${(ms / 1000).toFixed(1).padStart(7)} s   the full scan takes ${(full / ms).toFixed(0)} times as long`;
  return [
    `Personal data in ${tables * 10} columns and ${(tables * rows).toLocaleString("en")} rows`,
    `${"one regular expression per column in SQL".padEnd(44)} ${(full / 1000).toFixed(1).padStart(7)} s`,
    line("pgwright pii-scan (median of 3)", sample),
    line("pgwright pii-scan --fast", fast),
    "target: at least 50 times as long",
    ...accuracy,
  ].join("\n");
}

/** Precision and recall on the labelled columns, those tuned on and those held out apart. */
async function measureAccuracy(admin: postgres.Sql, { root, serverUrl }: Place): Promise<string[]> {
  const columns = readLabelled(join(root, "test/fixtures/pii"));
  const database = "bench_pii_labelled";
  const url = serverUrl.replace(/\/postgres$/, `/${database}`);
  await admin.unsafe(`drop database if exists ${database} with (force)`);
  await admin.unsafe(`create database ${database}`);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await buildLabelled(sql, columns);
  await sql.end();
  await using session = await connectTo(url);
  const { findings } = await scan(session, { level: "sample" });
  const traps = columns.filter(({ entity }) => entity === null).length;
  const { byEntity, total, mistakes } = score(columns, findings);
  const show = ({ entity, right, wrong, missed, precision, recall }: Score) =>
    `${entity.padEnd(16)} ${String(right).padStart(6)} ${String(wrong).padStart(6)} ${String(missed).padStart(7)} ${precision.toFixed(2).padStart(10)} ${recall.toFixed(2).padStart(7)}`;
  return [
    "",
    `Precision and recall on ${columns.length} labelled columns, ${traps} of them traps`,
    `${"".padEnd(16)}  right  wrong  missed  precision  recall`,
    ...[...byEntity, total].map(show),
    ...mistakes,
    "target: at least 0.95 each",
  ];
}
