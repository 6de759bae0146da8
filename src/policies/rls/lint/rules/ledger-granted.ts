import type { LedgerRight } from "../surroundings.ts";
import { formatNames, type Judgement, type Rule } from "../rule.ts";

/** The ledger decides which migrations run; the migrator alone, its owner, has to do with it. */
export const ledgerGranted: Rule = {
  name: "policies/ledger-granted",
  judge: ({ ledgerRights }) => ledgerRights.map(judgeRight),
};

function judgeRight({ name, isSequence, grantee, privileges }: LedgerRight): Judgement {
  const onlyReads = privileges.every((privilege) => privilege === "SELECT");
  return {
    severity: onlyReads || isSequence ? "warning" : "error",
    message: onlyReads
      ? `${grantee} may read ${name}, which holds the SQL of every migration`
      : `${grantee} holds ${formatNames([...privileges].toSorted(), 8)} on ${name}: ${isSequence ? "its numbers are" : "what is recorded there decides which migrations run, and is"} the migrator's alone`,
    hint: `\`REVOKE ALL ON ${isSequence ? "SEQUENCE " : ""}${name} FROM ${grantee};\` (where it comes back: ALTER DEFAULT PRIVILEGES of the role that migrates)`,
    object: name,
  };
}
