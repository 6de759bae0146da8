/** pg_service.conf: named sets of connection parameters. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PgwrightError } from "../../errors.ts";
import { keywords } from "./keywords.ts";

export interface Service {
  readonly file: string;
  /** Keyword to value; the first of two lines with the same keyword counts. */
  readonly values: ReadonlyMap<string, string>;
}

export interface ServiceLookup {
  readonly name: string;
  /** From `servicefile` or PGSERVICEFILE. */
  readonly file: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
}

// Where libpq was told to look at build time: Debian and Ubuntu, Red Hat, a build from source.
const systemDirectories = ["/etc/postgresql-common", "/etc", "/usr/local/pgsql/etc"];

/**
 * Finds a service in the user's file, then in the system's.
 *
 * @throws PgwrightError `connection-invalid` when it is nowhere, or its lines are wrong.
 */
export function findService(lookup: ServiceLookup): Service {
  const { name, file, environment, homeDirectory } = lookup;
  if (file !== undefined && !existsSync(file)) {
    throw new PgwrightError("connection-invalid", `the service file ${file} does not exist`, {
      hint: "PGSERVICEFILE or `servicefile` names it",
    });
  }
  const candidates = [
    file ?? join(homeDirectory, ".pg_service.conf"),
    ...(environment["PGSYSCONFDIR"] ? [environment["PGSYSCONFDIR"]] : systemDirectories).map(
      (directory) => join(directory, "pg_service.conf"),
    ),
  ];
  const read: string[] = [];
  for (const candidate of candidates) {
    if (!existsSync(candidate)) continue;
    read.push(candidate);
    const values = readService(candidate, name);
    if (values !== undefined) return { file: candidate, values };
  }
  throw new PgwrightError("connection-invalid", `no service file defines the service \`${name}\``, {
    notes: [
      read.length > 0 ? `read: ${read.join(", ")}` : `none exists of ${candidates.join(", ")}`,
    ],
    hint: `add a section [${name}] to ${candidates[0]}`,
  });
}

function readService(file: string, name: string): Map<string, string> | undefined {
  let source: string;
  try {
    source = readFileSync(file, "utf8");
  } catch (cause) {
    throw new PgwrightError("connection-invalid", `the service file ${file} cannot be read`, {
      cause,
    });
  }
  return parseService(source, name, file);
}

/** The lines of one section; undefined when there is no such section. */
export function parseService(
  source: string,
  name: string,
  file: string,
): Map<string, string> | undefined {
  let values: Map<string, string> | undefined;
  for (const [index, line] of source.split("\n").entries()) {
    const text = line.trim();
    if (text === "" || text.startsWith("#")) continue;
    if (text.startsWith("[")) {
      // libpq stops at the next section header, even one of the same name.
      if (values !== undefined) break;
      if (text.startsWith(`[${name}]`)) values = new Map();
      continue;
    }
    if (values === undefined) continue;
    const problem = (message: string, hint?: string) =>
      new PgwrightError("connection-invalid", message, {
        hint,
        at: { file, line: index + 1, column: line.indexOf(text) + 1 },
      });
    if (text.startsWith("ldap://")) {
      throw problem("LDAP lookup in a service file is not supported", "write the parameters out");
    }
    const equals = text.indexOf("=");
    const keyword = text.slice(0, equals);
    if (equals === -1) throw problem("a line of the service file is not `keyword=value`");
    if (keyword === "service" || keyword === "servicefile") {
      throw problem(`a service cannot name another one with \`${keyword}\``);
    }
    if (!keywords.has(keyword)) {
      throw problem(
        `\`${keyword}\` is not a connection parameter`,
        "no blanks around =; the parameters are those of libpq",
      );
    }
    if (!values.has(keyword)) values.set(keyword, text.slice(equals + 1));
  }
  return values;
}
