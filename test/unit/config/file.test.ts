import { expect, test } from "vitest";
import { defaultSettings } from "../../../src/config/defaults.ts";
import { parseConfigFile } from "../../../src/config/file.ts";
import type { Mistake } from "../../../src/config/mistake.ts";
import { configJsonSchema, configSchema } from "../../../src/config/schema.ts";

function mistakesOf(source: string): string[] {
  const mistakes: Mistake[] = [];
  const parsed = parseConfigFile(source, "pgwright.yaml", mistakes);
  expect(parsed === undefined).toBe(mistakes.length > 0);
  return mistakes.map(({ at, message }) => `${at?.line}:${at?.column} ${message}`);
}

test("the defaults with and without a file are the same", () => {
  expect(configSchema.parse({})).toEqual(defaultSettings);
  expect(parseConfigFile("# nothing yet\n", "pgwright.yaml", [])?.settings).toEqual(
    defaultSettings,
  );
});

test("reads a complete file", () => {
  const source = `
default_environment: development
environments:
  development: { database: embedded }
  staging: { url: "postgres://app@db.example/app" }
  production:
    url: \${PRODUCTION_URL}
    direct_url: "\${PRODUCTION_DIRECT_URL}"
    protected: true
migrations: { directory: db, schema: Ops, table: "History", role: owner, online: true }
policies: { directory: p }
seeds: { directory: s }
setup: { seed_scale: 0.25 }
lock_timeout: 500ms
lock_budget: 1min
statement_timeout: 0
embedded:
  port: 5544
  settings: { work_mem: 64MB, max_connections: 50, fsync: false, pg_stat_statements.max: 100 }
`;
  const mistakes: Mistake[] = [];
  const file = parseConfigFile(source, "pgwright.yaml", mistakes);
  expect(mistakes).toEqual([]);
  expect(file?.settings).toEqual({
    default_environment: "development",
    environments: {
      development: { database: "embedded", protected: false },
      staging: { url: "postgres://app@db.example/app", protected: false },
      production: {
        url: "${PRODUCTION_URL}",
        direct_url: "${PRODUCTION_DIRECT_URL}",
        protected: true,
      },
    },
    migrations: { directory: "db", schema: "Ops", table: "History", role: "owner", online: true },
    policies: { directory: "p", after_migrate: false },
    seeds: { directory: "s" },
    setup: { seed_scale: 0.25 },
    lock_timeout: 500,
    lock_budget: 60_000,
    statement_timeout: 0,
    embedded: {
      port: 5544,
      settings: {
        work_mem: "64MB",
        max_connections: "50",
        fsync: "false",
        "pg_stat_statements.max": "100",
      },
    },
  });
  expect(file?.locations.get("environments.production.url")).toEqual({
    file: "pgwright.yaml",
    line: 7,
    column: 5,
  });
});

test.each<[string, string, string[]]>([
  ["an unknown key", "migration: {}", ["1:1 unknown key `migration`; did you mean `migrations`?"]],
  [
    "camel case",
    "lockTimeout: 1s",
    ["1:1 unknown key `lockTimeout`; did you mean `lock_timeout`?"],
  ],
  ["an unknown key inside", "seeds:\n  dir: x", ["2:3 unknown key `dir`; known are directory"]],
  [
    "an unknown key of an environment, told once",
    "environments:\n  a: { ulr: x }",
    ["2:8 unknown key `ulr`; did you mean `url`?"],
  ],
  ["a list", "- a", ["1:1 the file must hold keys and values, not a list"]],
  ["a text", "hello", ["1:1 the file must hold keys and values, not a text"]],
  [
    "an empty section",
    "migrations:\n",
    ["1:1 `migrations` has no value; give it keys and values or remove the key"],
  ],
  [
    "the wrong kind of value",
    "migrations:\n  role: 7\nenvironments: [a]",
    [
      "2:9 `migrations.role` must be a text, not a number",
      "3:15 `environments` must be keys and values, not a list",
    ],
  ],
  [
    "a number without a unit",
    "lock_timeout: 5",
    ["1:15 `lock_timeout` needs a unit; write 5ms or 5s"],
  ],
  [
    "a wrong duration",
    "lock_timeout: soon",
    ["1:15 `lock_timeout` is not a duration; write 500ms, 1s, 2min, 1h or 0"],
  ],
  ["a duration that is none", "lock_timeout: [1s]", ["1:15 `lock_timeout` must be a duration"]],
  [
    "yes where true is meant",
    "environments: { a: { url: x, protected: yes } }",
    ["1:41 `environments.a.protected` must be true or false, not a text"],
  ],
  [
    "protected without a value",
    "environments:\n  a:\n    url: x\n    protected:\n",
    ["4:5 `environments.a.protected` has no value; give it true or false or remove the key"],
  ],
  [
    "an environment without a database",
    "environments:\n  a: { protected: true }\n",
    ["2:3 `environments.a` needs `url:` or `database: embedded`"],
  ],
  [
    "an environment with two databases",
    "environments:\n  a: { database: embedded, url: x }\n",
    ["2:3 `environments.a` has both `database: embedded` and a URL; keep one"],
  ],
  [
    "another kind of database",
    "environments: { a: { database: docker } }",
    ["1:32 `environments.a.database` must be `embedded`"],
  ],
  [
    "a default environment that does not exist",
    "default_environment: dev\nenvironments: { a: { url: x } }",
    ["1:22 `default_environment` names no entry of `environments`"],
  ],
  [
    "an environment's name",
    'environments: { "a b": { url: x } }',
    ["1:17 `a b` is not a name of letters, digits, `_` and `-`"],
  ],
  [
    "a default value in a template",
    'environments: { a: { url: "${X:-postgres:///x}" } }',
    [
      "1:27 `environments.a.url` has `${X:-…}`; write `${X}`: a default would hide a variable that was lost",
    ],
  ],
  [
    "half a template",
    'environments: { a: { url: "postgres://${X" } }',
    ["1:27 `environments.a.url` has a `${` that is not the beginning of `${NAME}`"],
  ],
  [
    "a shell variable",
    "environments: { a: { url: $X } }",
    ["1:27 `environments.a.url` has `$X`; write `${X}`"],
  ],
  [
    "a name that PostgreSQL would cut off",
    `migrations: { schema: ${"ö".repeat(32)} }`,
    ["1:23 `migrations.schema` is longer than the 63 bytes of a PostgreSQL name"],
  ],
  [
    "the embedded server's own settings",
    "embedded: { port: 70000, settings: { listen_addresses: '*', \"a b\": 1, x: [1] } }",
    [
      "1:19 `embedded.port` must be a whole number from 1 to 65535",
      "1:38 `listen_addresses` is decided by pgwright itself (the port is `embedded.port`)",
      "1:61 `a b` is not the name of a PostgreSQL setting",
      "1:74 `embedded.settings.x` must be a text, a number, true or false",
    ],
  ],
  ["an empty directory", "seeds: { directory: '' }", ["1:21 `seeds.directory` must not be empty"]],
  [
    "a scale of nothing",
    "setup: { seed_scale: 0 }",
    ["1:22 `setup.seed_scale` must be greater than 0"],
  ],
])("rejects %s", (_, source, mistakes) => {
  expect(mistakesOf(source)).toEqual(mistakes);
});

test.each<[string, string, string[]]>([
  ["a key that is there twice", "seeds: {}\nseeds: {}", ["2:1 the key `seeds` is there twice"]],
  [
    "a key that is there twice, and goes on",
    "seeds: {}\nseeds:\n  dir: x",
    ["2:1 the key `seeds` is there twice", "3:3 unknown key `dir`; known are directory"],
  ],
  ["a tab", "seeds:\n\tdirectory: x", ["2:1 a tab indents this line; YAML wants spaces"]],
  [
    "a bare template in braces",
    "environments: { a: { url: ${X} } }",
    ["1:28 a value with `${…}` inside `{ }` needs quotes"],
  ],
  [
    "two documents",
    "seeds: {}\n---\nseeds: {}",
    ["2:1 a second document begins here (`---`); the file holds one"],
  ],
  ["an unknown alias", "seeds: *x", ["1:8 nothing is called `&x`"]],
  ["an unknown tag", "seeds: !x {}", ["1:8 Unresolved tag: !x"]],
])("rejects the syntax of %s", (_, source, mistakes) => {
  expect(mistakesOf(source)).toEqual(mistakes);
});

test("no message holds a value of the file", () => {
  const secret = "hunter2";
  for (const source of [
    `environments: { a: { url: ["${secret}"] } }`,
    `environments: { a: { url: postgres://u:${secret}@h: x } }`,
    `environments: { a: { url: "postgres://u:${secret}@h/\${" } }`,
    `environments:\n  a:\n    url: "postgres://u:${secret}\n`,
    `environments:\n  a:\n    url: postgres://u:${secret}@h\n   b: }${secret}\n`,
    `lock_timeout: ${secret}`,
    `default_environment: ${secret}`,
    `environments: { a: { database: ${secret} } }`,
  ]) {
    const mistakes = mistakesOf(source);
    expect(mistakes.length).toBeGreaterThan(0);
    expect(mistakes.join("\n")).not.toContain(secret);
  }
});

test("aliases and anchors work", () => {
  const source = "environments:\n  a: &a { url: x }\n  b: *a\n";
  expect(parseConfigFile(source, "pgwright.yaml", [])?.settings.environments).toEqual({
    a: { url: "x", protected: false },
    b: { url: "x", protected: false },
  });
});

test("the JSON schema describes every key and allows no others", () => {
  const undescribed: string[] = [];
  const open: string[] = [];
  const walk = (schema: JsonSchema, path: string) => {
    for (const [key, inner] of Object.entries(schema.properties ?? {})) {
      if (inner.description === undefined) undescribed.push(`${path}.${key}`);
      walk(inner, `${path}.${key}`);
    }
    if (schema.properties !== undefined && schema.additionalProperties !== false) open.push(path);
    if (typeof schema.additionalProperties === "object")
      walk(schema.additionalProperties, `${path}.*`);
  };
  const schema = configJsonSchema() as JsonSchema;
  walk(schema, "");
  expect(undescribed).toEqual([]);
  expect(open).toEqual([]);
  expect(Object.keys(schema.properties ?? {})).toEqual(
    expect.arrayContaining([...Object.keys(defaultSettings), "default_environment"]),
  );
  expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
});

interface JsonSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
}
