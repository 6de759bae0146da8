/** What a new migration file contains. The help stands outside the sections, so outside the checksum. */

/** A migration in SQL; `validate` complains until both sections have SQL. */
export function sqlTemplate(description: string): string {
  return `-- ${oneLine(description)}
--
-- Each section is one transaction. Statements that cannot be in one (CREATE INDEX CONCURRENTLY,
-- VACUUM, …) are recognised and run by themselves. Where there is no way back, write
-- \`-- irreversible: <reason>\` in place of the down section.

-- migrate:up


-- migrate:down

`;
}

/** A repeatable migration. */
export function repeatableTemplate(description: string): string {
  return `-- ${oneLine(description)}
--
-- Runs again whenever this file changes, after the versioned migrations. Write it so that it can:
-- CREATE OR REPLACE, DROP … IF EXISTS.

`;
}

/** A migration for node-pg-migrate's MigrationBuilder. */
export function codeTemplate(description: string, language: "ts" | "js" | "mjs"): string {
  const builder = 'import("node-pg-migrate").MigrationBuilder';
  const isTyped = language === "ts";
  const head = isTyped ? 'import type { MigrationBuilder } from "node-pg-migrate";\n\n' : "";
  const parameter = isTyped ? "pgm: MigrationBuilder" : "pgm";
  const result = isTyped ? ": void" : "";
  const note = isTyped ? "" : `/** @param {${builder}} pgm */\n`;
  return `${head}// ${oneLine(description)}

${note}export function up(${parameter})${result} {
  
}

// Without \`down\`, the calls above are reversed where each of them can be.
// Where there is no way back: export const down = false;
${note}export function down(${parameter})${result} {
  
}
`;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
