/**
 * What may stand in pgwright.yaml: the only definition of configuration. Types, checks, the JSON
 * schema for editors and the reference page come from it.
 *
 * zod/mini, because every command that finds a pgwright.yaml loads this file first: bundled it is
 * 16 kB and costs 7 ms less at start-up than the whole of zod (88 kB).
 */
import * as z from "zod/mini";
import { defaultSettings } from "./defaults.ts";
import { durationPattern, formatDuration, parseDuration } from "./duration.ts";
import { findTemplateMistake } from "./template.ts";

/** The project's settings, complete: times in milliseconds, directories absolute. */
export type Settings = z.output<typeof configSchema>;

const about = (description: string, more: object = {}) => z.meta({ description, ...more });

const duration = (standard: number, description: string) =>
  z
    ._default(
      z.pipe(
        z.unknown(),
        z.transform((value, context) => {
          const isText = typeof value === "string" || typeof value === "number";
          const parsed = isText ? parseDuration(String(value)) : { mistake: "must be a duration" };
          if (typeof parsed === "number") return parsed;
          context.issues.push({ code: "custom", input: value, message: parsed.mistake });
          return z.NEVER;
        }),
      ),
      standard,
    )
    .check(
      // zod leaves out the default of a value it transforms, so the text names it.
      about(`${description} Default: ${formatDuration(standard)}.`, {
        type: ["string", "integer"],
        pattern: durationPattern,
        minimum: 0,
        maximum: 0,
      }),
    );

const text = () => z.string().check(z.minLength(1, { error: "must not be empty" }));

/** A name of PostgreSQL: over 63 bytes the server would cut it off in silence. */
const identifier = () =>
  text().check(
    z.refine((name) => Buffer.byteLength(name) <= 63, {
      error: "is longer than the 63 bytes of a PostgreSQL name",
    }),
  );

const directory = (standard: string, description: string) =>
  z._default(text(), standard).check(about(description));

const urlTemplate = () =>
  text().check((payload) => {
    const mistake = findTemplateMistake(payload.value);
    if (mistake === undefined) return;
    payload.issues.push({ code: "custom", input: payload.value, message: mistake });
  });

const environment = z
  .strictObject({
    database: z
      .optional(z.literal("embedded", { error: "must be `embedded`" }))
      .check(about("`embedded`: the PostgreSQL server that pgwright brings along.")),
    url: z
      .optional(urlTemplate())
      .check(about("Connection string; `${NAME}` is replaced by that environment variable.")),
    direct_url: z
      .optional(urlTemplate())
      .check(about("The same database without a pooler, for migrations.")),
    protected: z
      ._default(z.boolean(), false)
      .check(about("Refuse to drop, reset, seed or anonymize this database in place.")),
  })
  .check(
    (payload) => {
      // A misspelled `url` is told once, as the unknown key.
      if (payload.issues.length > 0) return;
      const { database, url, direct_url } = payload.value;
      const message =
        database === undefined && url === undefined
          ? "needs `url:` or `database: embedded`"
          : database !== undefined && (url ?? direct_url) !== undefined
            ? "has both `database: embedded` and a URL; keep one"
            : undefined;
      if (message !== undefined) {
        payload.issues.push({ code: "custom", input: payload.value, message });
      }
    },
    z.meta({
      oneOf: [{ required: ["database"] }, { required: ["url"] }],
      dependencies: { direct_url: ["url"] },
    }),
  );

// These decide where the embedded server listens and keeps its files, which is pgwright's part:
// it must never be reachable from another machine.
const ownEmbeddedSettings =
  /^(listen_addresses|port|unix_socket_.*|data_directory|(config|hba|ident)_file|external_pid_file|include.*)$/i;

const embeddedSettings = z.record(
  z.string().check(
    z.regex(/^[A-Za-z_][A-Za-z0-9_$]*([.][A-Za-z_][A-Za-z0-9_$]*)?$/, {
      error: "is not the name of a PostgreSQL setting",
    }),
    z.refine((name) => !ownEmbeddedSettings.test(name), {
      error: "is decided by pgwright itself (the port is `embedded.port`)",
    }),
  ),
  z
    .pipe(
      z.unknown(),
      z.transform((value, context) => {
        if (["string", "number", "boolean"].includes(typeof value)) return String(value);
        context.issues.push({
          code: "custom",
          input: value,
          message: "must be a text, a number, true or false",
        });
        return z.NEVER;
      }),
    )
    .check(z.meta({ type: ["string", "number", "boolean"] })),
);

const port = z.number().check(
  z.refine((value) => Number.isInteger(value) && value >= 1 && value <= 65_535, {
    error: "must be a whole number from 1 to 65535",
  }),
  about("Fixed port of the embedded server; without it a free one is chosen.", {
    type: "integer",
    minimum: 1,
    maximum: 65_535,
  }),
);

// As `pgwright seed --scale` takes it.
const scale = z
  .number()
  .check(
    z.gt(0, { error: "must be greater than 0" }),
    z.lte(9_999_999, { error: "must be at most 9999999" }),
  );

const { migrations, policies, seeds, setup } = defaultSettings;

export const configSchema = z
  .strictObject({
    default_environment: z
      .optional(text())
      .check(about("The environment used where neither a URL nor --env names a database.")),
    environments: z
      .prefault(
        z.record(
          z.string().check(
            z.regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, {
              error: "is not a name of letters, digits, `_` and `-`",
            }),
          ),
          environment,
        ),
        {},
      )
      .check(about("Named databases: development, staging, production.")),
    migrations: z
      .prefault(
        z.strictObject({
          directory: directory(migrations.directory, "Where the migrations are."),
          schema: z
            ._default(identifier(), migrations.schema)
            .check(about("Schema of the ledger table.")),
          table: z
            ._default(identifier(), migrations.table)
            .check(about("Name of the ledger table, which lists the applied migrations.")),
          role: z
            .optional(identifier())
            .check(about("Role that owns what migrations create: they run under SET ROLE.")),
          online: z
            ._default(z.boolean(), migrations.online)
            .check(
              about(
                "`migrate`, `setup` and `redo` run what would block others in its safe form, as with `--online`.",
              ),
            ),
        }),
        {},
      )
      .check(about("Migrations and their ledger.")),
    policies: z
      .prefault(
        z.strictObject({
          directory: directory(policies.directory, "Where the policies are."),
          after_migrate: z
            ._default(z.boolean(), policies.after_migrate)
            .check(about("`migrate` ends with `policies apply`.")),
        }),
        {},
      )
      .check(about("Roles, row level security, audit and partitions.")),
    seeds: z
      .prefault(
        z.strictObject({ directory: directory(seeds.directory, "Where the seeds are.") }),
        {},
      )
      .check(about("Data for development.")),
    setup: z
      .prefault(
        z.strictObject({
          seed_scale: z
            ._default(scale, setup.seed_scale)
            .check(
              about(
                "Numbers of rows of the seeds times this, where `pgwright setup` fills the tables.",
              ),
            ),
        }),
        {},
      )
      .check(about("What `pgwright setup` does.")),
    lock_timeout: duration(
      defaultSettings.lock_timeout,
      "Longest wait for one table lock, while others queue behind it. 0: no limit.",
    ),
    lock_budget: duration(
      defaultSettings.lock_budget,
      "Longest time for all tries to get a lock. 0: a single try.",
    ),
    statement_timeout: duration(
      defaultSettings.statement_timeout,
      "Longest run of one statement. 0: no limit.",
    ),
    embedded: z
      .prefault(
        z.strictObject({
          port: z.optional(port),
          settings: z
            .optional(embeddedSettings)
            .check(about("Settings for its postgresql.conf: `work_mem: 64MB`.")),
        }),
        {},
      )
      .check(about("The PostgreSQL server that pgwright brings along.")),
  })
  .check(
    (payload) => {
      const { default_environment: name, environments } = payload.value;
      if (payload.issues.length > 0 || name === undefined || Object.hasOwn(environments, name))
        return;
      payload.issues.push({
        code: "custom",
        input: name,
        path: ["default_environment"],
        message: "names no entry of `environments`",
      });
    },
    z.meta({ title: "pgwright.yaml", description: "A project that pgwright manages." }),
  );

/** The JSON schema of pgwright.yaml, in the draft that editors' YAML plug-ins know best. */
export function configJsonSchema(): object {
  return z.toJSONSchema(configSchema, { io: "input", unrepresentable: "any", target: "draft-7" });
}
