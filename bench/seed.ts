/** Rows per second into a table of users with five indexes, beside COPY of the same rows from a file on the server, and drizzle-seed. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { boolean, date, pgTable, text, timestamp, uuid, varchar } from "drizzle-orm/pg-core";
import { seed as drizzleSeed } from "drizzle-seed";
import { Pool } from "pg";
import postgres from "postgres";
import { usualAsOf } from "../src/seed/request.ts";
import { seed } from "../src/seed/seed.ts";
import { connectTo } from "../test/support/connection.ts";
import type { Place } from "./main.ts";

const rows = 200_000;
const peerRows = 20_000;

export const createSql = `
drop table if exists users;
create table users (
  id uuid primary key default gen_random_uuid(), email varchar(255) not null unique, first_name varchar(100) not null,
  last_name varchar(100) not null, role varchar(20) not null default 'user' check (role in ('user', 'trainer', 'admin')),
  avatar_url text, bio text, location varchar(255), date_of_birth date,
  gender varchar(20) check (gender in ('male', 'female', 'other')), is_active boolean default true,
  last_login_at timestamptz, created_at timestamptz default now(), updated_at timestamptz default now());
create index on users (role); create index on users (is_active); create index on users (created_at)`;

const users = pgTable("users", {
  id: uuid("id").primaryKey(),
  email: varchar("email", { length: 255 }).notNull().unique(),
  firstName: varchar("first_name", { length: 100 }).notNull(),
  lastName: varchar("last_name", { length: 100 }).notNull(),
  role: varchar("role", { length: 20 }).notNull(),
  avatarUrl: text("avatar_url"),
  bio: text("bio"),
  location: varchar("location", { length: 255 }),
  dateOfBirth: date("date_of_birth"),
  gender: varchar("gender", { length: 20 }),
  isActive: boolean("is_active"),
  lastLoginAt: timestamp("last_login_at", { withTimezone: true }),
  createdAt: timestamp("created_at", { withTimezone: true }),
  updatedAt: timestamp("updated_at", { withTimezone: true }),
});

export async function seedUsers({ serverUrl }: Place): Promise<string> {
  const database = "bench_seed";
  const url = serverUrl.replace(/\/postgres$/, `/${database}`);
  const admin = postgres(serverUrl, { max: 1, onnotice: () => {} });
  await admin.unsafe(`drop database if exists ${database} with (force)`);
  await admin.unsafe(`create database ${database}`);
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  // With postgres.js it fails: it sends 65,535 parameters, one more than that driver takes.
  const pool = new Pool({ connectionString: url, max: 1 });
  const folder = await mkdtemp(join(tmpdir(), "pgwright-bench-"));
  await chmod(folder, 0o777);
  const file = join(folder, "users.copy");
  const timed = async (work: () => Promise<unknown>) => {
    await sql.unsafe(createSql);
    await sql.unsafe("checkpoint");
    const started = performance.now();
    const cpuBefore = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(cpuBefore);
    return { ms: performance.now() - started, cpu: user + system };
  };
  const times: { name: string; rows: number; ms: number[]; cpu: number[] }[] = [
    { name: "COPY from a file on the server", rows, ms: [], cpu: [] },
    { name: "pgwright seed", rows, ms: [], cpu: [] },
    { name: "drizzle-seed", rows: peerRows, ms: [], cpu: [] },
  ];
  const work = [
    () => sql.unsafe(`copy users from '${file}'`),
    () => seedUsersOf(url, rows),
    async () => {
      await drizzleSeed(drizzle(pool), { users }, { count: peerRows, seed: 1 }).refine((f) => ({
        users: {
          columns: {
            email: f.email(),
            firstName: f.firstName(),
            lastName: f.lastName(),
            role: f.valuesFromArray({ values: ["user", "trainer", "admin"] }),
            bio: f.loremIpsum(),
            location: f.city(),
            gender: f.valuesFromArray({ values: ["male", "female", "other"] }),
          },
        },
      }));
    },
  ];
  await timed(() => seedUsersOf(url, rows));
  await sql.unsafe(`copy users to '${file}'`);
  for (let run = 0; run < 3; run += 1) {
    for (const [n, one] of work.entries()) {
      const { ms, cpu } = await timed(one);
      times[n]?.ms.push(ms);
      times[n]?.cpu.push(cpu);
    }
  }
  await pool.end();
  await sql.end();
  await admin.unsafe(`drop database ${database} with (force)`);
  await admin.end();
  await rm(folder, { recursive: true });
  const middle = (all: readonly number[]) => all.toSorted((one, other) => one - other)[1] ?? 0;
  const perSecond = times.map(({ name, rows: count, ms, cpu }) => ({
    name,
    count,
    rate: (count / middle(ms)) * 1000,
    cpu: middle(cpu) / count,
  }));
  const limit = perSecond[0]?.rate ?? 1;
  return [
    "Users with five indexes, rows per second (median of 3)",
    ...perSecond.map(
      ({ name, count, rate, cpu }) =>
        `${name.padEnd(32)} ${count.toString().padStart(8)} rows ${rate.toFixed(0).padStart(8)} rows/s   COPY is ${(limit / rate).toFixed(2)} times as fast   ${cpu.toFixed(1)} µs a row in this process`,
    ),
    `peak memory of this process: ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`,
    "target: COPY at most 2 times as fast; at least 10 times drizzle-seed",
  ].join("\n");
}

/** Fills `users` as `pgwright seed` does it without seed files. */
export async function seedUsersOf(url: string, count: number): Promise<void> {
  await using session = await connectTo(url, { writes: true });
  await seed(session, {
    request: {
      seed: "bench",
      locale: "en",
      asOf: usualAsOf,
      scale: 1,
      tables: { "public.users": { rows: count, columns: {} } },
    },
    reference: [],
    places: new Map(),
    ledger: { schema: "public", table: "schema_migrations" },
    role: undefined,
    isProtected: false,
    tables: [],
    append: false,
    truncate: false,
    allowDataLoss: false,
    dryRun: false,
    lockTimeoutMs: 1000,
    events: () => {},
  });
}
