/**
 * What holds where neither flag, variable nor file says otherwise; times in milliseconds.
 * Apart from the schema, so that a command in a folder without pgwright.yaml loads no zod.
 */
export const defaultSettings = {
  environments: {},
  migrations: {
    directory: "migrations",
    schema: "public",
    table: "schema_migrations",
    online: false,
  },
  policies: { directory: "policies", after_migrate: false },
  seeds: { directory: "seeds" },
  setup: { seed_scale: 1 },
  // Others queue behind a waiting lock: one second is the longest pause they should feel.
  lock_timeout: 1_000,
  lock_budget: 120_000,
  // A role's own statement_timeout would break off a long index build: 0 lifts it, as pg_dump does.
  statement_timeout: 0,
  embedded: {},
} as const;
