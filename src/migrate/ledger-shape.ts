/** Whether the tables that bear the ledger's name are ours. */
import { PgwrightError } from "../errors.ts";
import type { LedgerPlace } from "./ledger-place.ts";
import { ledgerName, logName } from "./ledger-place.ts";

/** A log without its ledger is half of ours, and one of the same name may be somebody else's table. */
export function refuseForeignLog(
  place: LedgerPlace,
  hasLedger: boolean,
  log: readonly string[],
): void {
  const other = "or choose another name with `migrations.table` in pgwright.yaml";
  if (!hasLedger) {
    const gone = ledgerName(place);
    throw new PgwrightError("ledger-foreign", `${logName(place)} exists without ${gone}`, {
      hint: `nothing was changed; restore ${gone}, ${other}`,
    });
  }
  const names = log.map((column) => column.split(" ")[0] ?? "");
  const missing = ["id", "event", "direction", "version", "up_sql", "down_sql"].filter(
    (name) => !names.includes(name),
  );
  if (missing.length === 0) return;
  throw new PgwrightError(
    "ledger-foreign",
    `the table ${logName(place)} is not a pgwright log: it has no column ${missing.join(", ")}`,
    { hint: `nothing was changed; rename that table, ${other}` },
  );
}

/** Tables of this name that other tools make, by their columns. */
const foreignTools: readonly { readonly tool: string; readonly columns: readonly string[] }[] = [
  { tool: "golang-migrate", columns: ["version", "dirty"] },
  { tool: "Rails or dbmate", columns: ["version"] },
  { tool: "diesel", columns: ["version", "run_on"] },
  { tool: "Ecto", columns: ["version", "inserted_at"] },
  { tool: "node-pg-migrate", columns: ["id", "name", "run_on"] },
];

/** @throws PgwrightError `ledger-foreign`, naming the tool. */
export function refuseForeign(place: LedgerPlace, columns: readonly string[]): void {
  const names = columns.map((column) => column.split(" ")[0] ?? "");
  const ours = ["version", "applied_at", "checksum", "description"];
  if (names.join() === ours.join() && columns[0] === "version character varying(255)") return;
  const tool = foreignTools.find((foreign) => foreign.columns.join() === names.join())?.tool;
  throw new PgwrightError(
    "ledger-foreign",
    `the table ${ledgerName(place)} ${tool ? `belongs to ${tool}` : "is not a pgwright ledger"}: it has the columns ${columns.join(", ")}`,
    {
      hint: "nothing was changed; set `migrations.schema` or `migrations.table` in pgwright.yaml to a name of its own",
    },
  );
}
