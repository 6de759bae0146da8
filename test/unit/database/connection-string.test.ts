import { describe, expect, test } from "vitest";
import { connectionParameters, formatUrl } from "../../../src/database/connection-string.ts";
import { psqlEnvironment, runPsql } from "../../../src/database/psql.ts";
import { resolveConnection } from "../../../src/db/libpq.ts";

function resolve(url: string | undefined, environment: Record<string, string> = {}) {
  return resolveConnection({ url, environment, homeDirectory: "/nowhere", userName: "me" });
}

const strings = [
  "postgresql://me@localhost:5432/me",
  "postgres://app:s3cret@db.example:6432/shop",
  "postgres://a%40b:p%3Aw%2F%3F%23%20%25%27@db.example/My%20%22shop%22?sslmode=verify-full&sslrootcert=/c/root.crt",
  "postgres://app:x@one:1,two:2,[::1]:3/shop?target_session_attrs=read-write&load_balance_hosts=random",
  "postgres:///shop?host=/var/run/postgresql&port=5433&user=app",
  "host=db hostaddr=10.0.0.1 dbname=shop user=app connect_timeout=7 keepalives=0 sslmode=disable",
  "postgres://app@db/shop?options=-c%20search_path%3Da%2Cb&application_name=x%20y&channel_binding=require&keepalives_idle=30",
  "postgres://app@db/shop?sslmode=require&sslcert=/c/a.crt&sslkey=/c/a.key&sslpassword=k%26y&sslsni=0&ssl_min_protocol_version=TLSv1.3&sslcrl=/c/crl",
];

describe("a connection as one URL", () => {
  test.each(strings)("%s means the same again", (text) => {
    const options = resolve(text);
    const url = formatUrl(options);
    expect(connectionParameters(resolve(url))).toEqual(connectionParameters(options));
    expect(formatUrl(resolve(url))).toBe(url);
  });

  test("says everything that came from elsewhere", () => {
    const options = resolve(undefined, {
      PGHOST: "db",
      PGPORT: "6432",
      PGUSER: "app",
      PGPASSWORD: "s/cret",
      PGDATABASE: "shop",
      PGSSLMODE: "require",
    });
    expect(formatUrl(options)).toBe("postgresql://app:s%2Fcret@db:6432/shop?sslmode=require");
  });
});

describe("psql", () => {
  test("gets the connection in its environment, and nothing that meant another one", () => {
    const options = resolve("postgres://app:s3cret@one:1,two:2/shop?sslmode=require");
    const environment = psqlEnvironment(options, {
      HOME: "/home/me",
      PGSERVICE: "other",
      PGOPTIONS: "-c work_mem=1MB",
      PGREQUIRESSL: "1",
      DATABASE_URL: "kept as it is",
    });
    const found = Object.entries(environment).filter(([, value]) => value !== undefined);
    expect(Object.fromEntries(found)).toEqual({
      HOME: "/home/me",
      DATABASE_URL: "kept as it is",
      PGHOST: "one,two",
      PGPORT: "1,2",
      PGUSER: "app",
      PGPASSWORD: "s3cret",
      PGDATABASE: "shop",
      PGSSLMODE: "require",
    });
  });

  test("never sees the password among its arguments", async () => {
    let seen: readonly string[] = [];
    const status = await runPsql(
      resolve("postgres://app:s3cret@db/shop"),
      ["-c", "select 1"],
      {},
      async (program, args) => {
        seen = [program, ...args];
        return 3;
      },
    );
    expect(status).toBe(3);
    expect(seen).toEqual(["psql", "-c", "select 1"]);
  });

  test("says so when it is not installed", async () => {
    const missing = Object.assign(new Error("spawn psql ENOENT"), { code: "ENOENT" });
    await expect(
      runPsql(resolve("postgres://db/shop"), [], {}, () => Promise.reject(missing)),
    ).rejects.toMatchObject({ code: "program-missing", exit: 2 });
  });
});
