/** The server's settings as this session found them, and how each of them is changed. */
import { ident } from "../db/identifier.ts";
import type { Session } from "../db/session.ts";
import type { CheckContext } from "./check.ts";

export interface Setting {
  readonly name: string;
  /** The value the session began with, in the setting's base unit. */
  readonly value: string;
  /** As pg_settings says: "default", "configuration file", "database", "user", "client". */
  readonly source: string;
  /** "postmaster" needs a restart, "sighup" a reload. */
  readonly context: string;
  readonly needsRestart: boolean;
}

/**
 * Reads all settings outside of any `lookSafely`, whose own timeouts would stand in the values and
 * hide where they come from. pg_settings takes no locks and leaves out what the role may not read.
 * Its schema is named, because here the search_path is still the database's.
 */
export async function readSettings(session: Session): Promise<Map<string, Setting>> {
  const rows = await session.query<Setting>(
    `select name, coalesce(reset_val, setting) as value, source, context,
            pending_restart as "needsRestart"
     from pg_catalog.pg_settings`,
  );
  return new Map(rows.map((row) => [row.name, row]));
}

/** Value of a setting that every supported version has. */
export function valueOf(settings: ReadonlyMap<string, Setting>, name: string): string {
  return settings.get(name)?.value ?? "";
}

/**
 * How to change a setting where its present value comes from: what one role or database was given
 * is taken back, the server's own is replaced by `better` (as written after the equals sign).
 */
export function changeSetting(
  context: Pick<CheckContext, "facts" | "server">,
  setting: Setting,
  better: string,
): string {
  const database = ident(context.server.database);
  const role = ident(context.facts.role.sessionRole);
  const { name } = setting;
  switch (setting.source) {
    case "database":
      return `\`ALTER DATABASE ${database} RESET ${name};\` takes it back for new sessions`;
    case "user":
      return `\`ALTER ROLE ${role} RESET ${name};\` takes it back for new sessions`;
    case "database user":
      return `\`ALTER ROLE ${role} IN DATABASE ${database} RESET ${name};\` takes it back for new sessions`;
    case "global":
      return `\`ALTER ROLE ALL RESET ${name};\` takes it back for new sessions`;
    case "client":
    case "session":
      return `this connection brings it along: look at PGOPTIONS, \`options\` in the URL, or the pooler`;
    case "command line":
    case "environment variable":
      return `it is given where the server is started (${setting.source}); change it there`;
    default:
      return changeServerSetting(context, setting, better);
  }
}

function changeServerSetting(
  context: Pick<CheckContext, "facts">,
  setting: Setting,
  better: string,
): string {
  const { name } = setting;
  if (!isSelfManaged(context)) {
    return `set \`${name} = ${better}\` in the parameters of ${context.facts.engine.name}`;
  }
  return setting.context === "postmaster"
    ? `\`ALTER SYSTEM SET ${name} = ${better};\` and restart the server`
    : `\`ALTER SYSTEM SET ${name} = ${better};\` then \`SELECT pg_reload_conf();\``;
}

/** True where ALTER SYSTEM works: not in a cloud service. */
export function isSelfManaged(context: Pick<CheckContext, "facts">): boolean {
  const { kind } = context.facts.engine;
  return kind === "postgres" || kind === "spread";
}
