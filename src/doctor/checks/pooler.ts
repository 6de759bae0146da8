import type { Check } from "../check.ts";

export const pooler: Check = {
  title: "pooler",
  look: (_session, { server }) =>
    server.isPooled
      ? [
          {
            rule: "doctor/pooler",
            severity: "info",
            message: `a transaction pooler stands between here and the server: migration files with CREATE INDEX CONCURRENTLY and the like are refused through it`,
            hint: "name the server itself with `--direct-url`, PGWRIGHT_DIRECT_URL or `direct_url` in pgwright.yaml",
          },
        ]
      : [],
};
