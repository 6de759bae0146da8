/** What stands in examples/, run as it stands there: only hosts, ports and passwords are put in. */
import { execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { createClient } from "@redis/client";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asUser, createPool, readSettings } from "../../examples/application-pool/pool.ts";
import { createProfileCache } from "../../examples/profile-cache/cache.ts";
import { findFreePort } from "../../src/db/embedded/port.ts";
import { runCommand } from "../support/cli.ts";
import { startCluster, type Cluster } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { withFolder, type TestFolder } from "../support/folder.ts";
import { hasRedis, withRedis } from "../support/redis.ts";
import { createAuthority, withTls, type Authority } from "../support/tls.ts";

const root = join(import.meta.dirname, "..", "..");
const examples = join(root, "examples");
const execute = promisify(execFile);

const pgbouncer = ["pgbouncer", "/usr/sbin/pgbouncer"].find(
  (name) => spawnSync(name, ["--version"]).status === 0,
);
if (pgbouncer === undefined) console.warn("SKIPPED: pgbouncer is not installed");
if (!hasRedis) console.warn("SKIPPED: redis-server is not installed");

const password = "only for tests";
const people = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
const [ann = "", ben = ""] = people;

let authority: Authority;
let stranger: Authority;
let cluster: Cluster;
let folder: TestFolder;
let admin: postgres.Sql;

const urlOf = (role: string, port = cluster.port) =>
  `postgres://${role}:${encodeURIComponent(password)}@127.0.0.1:${port}/fitnesshub`;

beforeAll(async () => {
  [authority, stranger] = [await createAuthority(), await createAuthority()];
  const certificate = await authority.issue({
    commonName: "localhost",
    alternativeNames: "DNS:localhost,IP:127.0.0.1",
  });
  cluster = await startCluster({
    ...withTls(certificate, authority),
    hba: "local all all trust\nhost all postgres 127.0.0.1/32 trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n",
  });
  folder = await withFolder();
  const url = urlOf("postgres");
  const made = await runCommand(["setup", "-q"], { cwd: root, env: { DATABASE_URL: url } });
  if (made.code !== 0) throw new Error(made.stderr);
  admin = postgres(url, { max: 4, onnotice: () => {} });
  await admin.unsafe(`set password_encryption = 'scram-sha-256';
    do $$ declare name text; begin
      for name in select rolname from pg_roles where rolcanlogin and rolname <> 'postgres' loop
        execute format('alter role %I password %L', name, '${password}');
      end loop;
    end $$`);
  for (const [i, id] of people.entries()) {
    await admin`insert into user_service.users (id, email, first_name, last_name)
      values (${id}, ${`person${i}@example.invalid`}, 'Some', 'Body')`;
    await admin`insert into user_service.user_profiles (user_id, height_cm) values (${id}, ${170 + i})`;
  }
});

afterAll(async () => {
  await admin?.end({ timeout: 1 });
  await cluster?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
  await authority?.[Symbol.asyncDispose]();
  await stranger?.[Symbol.asyncDispose]();
});

/** The example's settings with these put in; everything else stays. */
async function startPgBouncer(ca: Authority) {
  const port = await findFreePort();
  const settings = (await readFile(join(examples, "pgbouncer/pgbouncer.ini"), "utf8"))
    .replace("host=db.example.com port=5432", `host=127.0.0.1 port=${cluster.port}`)
    .replace("listen_port = 6432", `listen_port = ${port}`)
    .replace("auth_file = userlist.txt", `auth_file = ${join(folder.path, "userlist.txt")}`)
    .replace("ca_file = ca.crt", `ca_file = ${join(folder.path, `ca-${port}.crt`)}`);
  const list = await admin.unsafe<{ line: string }[]>(
    await readFile(join(examples, "pgbouncer/userlist.sql"), "utf8"),
  );
  const files = {
    "userlist.txt": list.map(({ line }) => `${line}\n`).join(""),
    [`ca-${port}.crt`]: ca.certificate,
    [`${port}.ini`]: settings,
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder.path, name), content);
    await chmod(join(folder.path, name), 0o644);
  }
  await chmod(folder.path, 0o755);
  const asOther = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const child = spawn(pgbouncer ?? "", [...asOther, join(folder.path, `${port}.ini`)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const ended = once(child, "close");
  await eventually(() => {
    if (child.exitCode !== null) throw new Error(log);
    return /process up/.test(log);
  }, "pgbouncer to be up");
  return {
    port,
    log: () => log,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

const settingsOf = (role: string, more: Record<string, string> = {}) =>
  readSettings({
    DB_HOST: "localhost",
    DB_PORT: String(cluster.port),
    DB_NAME: "fitnesshub",
    DB_USER: role,
    DB_PASSWORD: password,
    DB_CA_FILE: authority.certificateFile,
    ...more,
  });

describe.runIf(pgbouncer !== undefined)("pgbouncer", () => {
  it("lets eighty clients share twenty connections, and keeps users apart", async () => {
    await using pooler = await startPgBouncer(authority);
    const sql = postgres(urlOf("user_service_app", pooler.port), { max: 80, prepare: false });
    const seen = await Promise.all(
      Array.from({ length: 400 }, (_, i) =>
        sql.begin(async (tx) => {
          const id = people[i % people.length] ?? "";
          await tx`select set_config('app.current_user_id', ${id}, true)`;
          const [row] = await tx<{ pid: number; ids: string[] }[]>`
            select pg_backend_pid() as pid, array_agg(user_id::text) as ids from user_profiles`;
          return { pid: row?.pid, isOwn: row?.ids.length === 1 && row.ids[0] === id };
        }),
      ),
    );
    expect(seen.filter(({ isOwn }) => !isOwn)).toEqual([]);
    expect(new Set(seen.map(({ pid }) => pid)).size).toBeLessThanOrEqual(20);
    // Nobody's identity is left on the connections.
    const left = await Promise.all(
      Array.from({ length: 40 }, () => sql`select user_id from user_profiles`),
    );
    expect(left.flat()).toEqual([]);
    const [tls] = await admin`
      select count(*)::int as open, bool_and(s.ssl) as "isEncrypted"
      from pg_stat_activity a join pg_stat_ssl s using (pid) where a.usename = 'user_service_app'`;
    expect(tls).toMatchObject({ isEncrypted: true });
    await sql.end({ timeout: 1 });
  });

  it("sends nothing to a server whose certificate another authority signed", async () => {
    await using pooler = await startPgBouncer(stranger);
    const sql = postgres(urlOf("user_service_app", pooler.port), { max: 1, connect_timeout: 5 });
    await expect(sql`select 1`).rejects.toThrow(/./);
    await sql.end({ timeout: 1 });
    expect(pooler.log()).toMatch(/certificate verif/i);
  });

  it("is passed by migrations, which the project's two URLs say", async () => {
    await using pooler = await startPgBouncer(authority);
    const direct = `${urlOf("fitnesshub_migrator")}?sslmode=verify-full&sslrootcert=${encodeURIComponent(authority.certificateFile)}`;
    const { code, stdout, stderr } = await runCommand(["migrate", "--direct-url", direct], {
      cwd: root,
      env: { DATABASE_URL: urlOf("fitnesshub_migrator", pooler.port) },
    });
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/up to date|nothing to/i);
  });
});

describe("application pool", () => {
  it("is encrypted, and runs as one user at a time", async () => {
    const pool = createPool(settingsOf("user_service_app"));
    const { rows } = await pool.query("select ssl from pg_stat_ssl where pid = pg_backend_pid()");
    expect(rows).toEqual([{ ssl: true }]);
    const seen = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const id = people[i % people.length] ?? "";
        const found = await asUser(pool, id, async (client) => {
          const result = await client.query("select user_id from user_profiles");
          return result.rows;
        });
        return found.length === 1 && found[0].user_id === id;
      }),
    );
    expect(seen).not.toContain(false);
    await expect(asUser(pool, ann, (client) => client.query("select 1/0"))).rejects.toThrow(
      "division by zero",
    );
    const { rows: left } = await pool.query("select user_id from user_profiles");
    expect(left).toEqual([]);
    await pool.end();
  });

  it("refuses another authority, another host, and a missing variable", async () => {
    const byStranger = createPool(
      settingsOf("user_service_app", { DB_CA_FILE: stranger.certificateFile }),
    );
    await expect(byStranger.query("select 1")).rejects.toMatchObject({
      code: expect.stringMatching(/CERT|SIGNATURE|VERIFY/),
    });
    await byStranger.end();
    const elsewhere = createPool(settingsOf("user_service_app", { DB_HOST: "127.1" }));
    await expect(elsewhere.query("select 1")).rejects.toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
    await elsewhere.end();
    expect(() => settingsOf("user_service_app", { DB_CA_FILE: "" })).toThrow(
      "DB_CA_FILE is not set",
    );
  });
});

describe.runIf(hasRedis)("profile cache", () => {
  interface Profile {
    readonly height_cm: string;
  }

  it("is fresh after every change, and while nobody listens", async () => {
    const text = await readFile(join(examples, "profile-cache/notify_profile_changes.sql"), "utf8");
    const [, up = "", down = ""] = text.split(/^-- migrate:(?:up|down)$/m);
    const asOwner = (sql: string) =>
      admin.begin((tx) => tx.unsafe(`set local role fitnesshub_owner; ${sql}`));
    await asOwner(up);
    await using redis = await withRedis();
    const pool = createPool(settingsOf("user_service_app"));
    const client = createClient({ url: redis.url });
    await client.connect();
    await using _closing = { [Symbol.asyncDispose]: async () => client.destroy() };
    let fences = 0;
    // What was told before it has arrived everywhere: each of the two listeners counts it.
    const settle = async () => {
      fences += 2;
      await admin`select pg_notify('profile_changed', 'fence')`;
      await eventually(
        async () => Number(await client.get("profile-stamp:fence")) >= fences,
        "notifications to arrive",
      );
    };
    let loads = 0;
    let readings = 0;
    let hold: Promise<void> | undefined;
    const make = () =>
      createProfileCache<Profile>({
        redisUrl: redis.url,
        listener: {
          host: "localhost",
          port: cluster.port,
          database: "fitnesshub",
          password,
          user: "user_service_app",
          application_name: "profile listener",
          ssl: { ca: authority.certificate, rejectUnauthorized: true },
        },
        load: async (id) => {
          loads += 1;
          const profile = await asUser(pool, id, async (connection) => {
            const { rows } = await connection.query<Profile>(
              "select height_cm from user_profiles where user_id = $1",
              [id],
            );
            return rows[0] ?? null;
          });
          readings += 1;
          await hold;
          return profile;
        },
      });
    await using cache = await make();
    await using other = await make();
    await eventually(() => cache.isListening && other.isListening, "listeners");
    const grow = (id: string, height: number) =>
      admin`update user_service.user_profiles set height_cm = ${height} where user_id = ${id}`;
    const isFresh = async (id: string, height: number) => {
      const found = await Promise.all([cache.get(id), other.get(id)]);
      return found.every((one) => Number(one?.height_cm) === height);
    };

    expect(await cache.get(ann)).toEqual({ height_cm: "170.00" });
    const before = loads;
    for (let n = 0; n < 20; n += 1) await other.get(ann);
    expect(loads).toBe(before);

    await grow(ann, 180);
    await eventually(() => isFresh(ann, 180), "the new height");

    // A change that is rolled back throws nothing out.
    await settle();
    await cache.get(ann);
    const loaded = loads;
    await admin
      .begin(async (tx) => {
        await tx`update user_service.user_profiles set height_cm = 1 where user_id = ${ann}`;
        throw new Error("rolled back");
      })
      .catch(() => {});
    await settle();
    expect(await cache.get(ann)).toEqual({ height_cm: "180.00" });
    expect(loads).toBe(loaded);

    // What was read before a change, and arrives after it, is not kept.
    await grow(ann, 181);
    await settle();
    let release = () => {};
    hold = new Promise((resolve) => (release = resolve));
    const begun = readings;
    const slow = cache.get(ann);
    await eventually(() => readings > begun, "the slow reading");
    await grow(ann, 182);
    await settle();
    release();
    hold = undefined;
    expect(await slow).toEqual({ height_cm: "181.00" });
    expect(await cache.get(ann)).toEqual({ height_cm: "182.00" });

    // Readers and a writer at once: when all is quiet, nobody keeps what was read before the last change.
    const writing = new AbortController();
    const readers = Array.from({ length: 8 }, async (_, i) => {
      while (!writing.signal.aborted) await (i % 2 === 0 ? cache : other).get(ben);
    });
    for (let height = 100; height <= 160; height += 1) await grow(ben, height);
    writing.abort();
    await Promise.all(readers);
    await eventually(() => isFresh(ben, 160), "the last height");
    for (let n = 0; n < 20; n += 1) expect(await isFresh(ben, 160)).toBe(true);

    // The listeners are killed: what changes meanwhile is read from the database, and is not served later.
    const kill = () =>
      admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'profile listener'`;
    await kill();
    await grow(ann, 190);
    await eventually(() => isFresh(ann, 190), "the height that nobody was told of");
    await eventually(() => cache.isListening && other.isListening, "listeners again");
    for (let n = 0; n < 10; n += 1) expect(await isFresh(ann, 190)).toBe(true);

    await admin`delete from user_service.user_profiles where user_id = ${ben}`;
    await eventually(async () => (await cache.get(ben)) === null, "the deletion");
    await admin`truncate user_service.user_profiles`;
    await eventually(async () => (await cache.get(ann)) === null, "the truncation");

    await pool.end();
    await asOwner(down);
  });
});

describe("encryption at rest", () => {
  it("has queries that run", async () => {
    const text = await readFile(join(examples, "encryption-at-rest.md"), "utf8");
    const queries = [...text.matchAll(/```sql\n([^]*?)```/g)].map(([, sql = ""]) => sql);
    expect(queries).toHaveLength(2);
    const [places, connections] = await Promise.all(queries.map((sql) => admin.unsafe(sql)));
    expect(places?.map(({ name }) => name)).toContain("data_directory");
    expect(connections?.length).toBeGreaterThan(0);
  });

  it("encrypts a dump before it touches a disk, and gives it back", async () => {
    const text = await readFile(join(examples, "encryption-at-rest.md"), "utf8");
    const [, commands = ""] = /```sh\n(pgwright dump[^]*?)```/.exec(text) ?? [];
    const script = commands.replace("pgwright", `node "${join(root, "bin/pgwright.cjs")}" -q`);
    const environment = { DATABASE_URL: urlOf("postgres"), DUMP_PASSPHRASE: "only for tests" };
    await execute("bash", ["-euo", "pipefail", "-c", script], {
      cwd: folder.path,
      env: { ...process.env, ...environment },
    });
    const sealed = await readFile(join(folder.path, "schema.sql.enc"));
    expect(sealed.includes("user_profiles")).toBe(false);
    expect(await readFile(join(folder.path, "schema.sql"), "utf8")).toContain(
      "CREATE TABLE user_service.user_profiles",
    );
  });
});
