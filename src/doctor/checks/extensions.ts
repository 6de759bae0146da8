import type { Finding } from "../../findings.ts";
import type { Check } from "../check.ts";
import listOutdated from "./extensions.sql";

interface ExtensionRow {
  readonly name: string;
  readonly installed: string;
  /** Null when the server has no control file of that name. */
  readonly available: string | null;
  /** "1.8--1.9--1.10", null when no scripts lead from the one to the other. */
  readonly path: string | null;
}

export const extensions: Check = {
  title: "extensions",
  async look(session) {
    const rows = await session.query<ExtensionRow>(listOutdated);
    return rows.flatMap((row) => judgeExtension(row));
  },
};

function judgeExtension({ name, installed, available, path }: ExtensionRow): Finding[] {
  if (available === null) {
    return [
      {
        rule: "doctor/extension-files-missing",
        severity: "error",
        message: `extension ${name} ${installed} is installed in the database and its files are gone from the server: its functions fail, and a restored dump does too`,
        object: name,
        hint: `install the package of ${name} on the server, or \`DROP EXTENSION ${name};\``,
      },
    ];
  }
  // Without a path the files are older than the extension: a server that was set back.
  if (path === null) {
    return [
      {
        rule: "doctor/extension-newer",
        severity: "warning",
        message: `extension ${name} is ${installed} in the database, and the server's files are ${available} with no way from one to the other`,
        object: name,
        hint: `install the package of ${name} that has ${installed}`,
      },
    ];
  }
  return [
    {
      rule: "doctor/extension-outdated",
      severity: "info",
      message: `extension ${name} is ${installed}, and the server has ${available}`,
      object: name,
      hint: `\`ALTER EXTENSION ${name} UPDATE;\``,
    },
  ];
}
