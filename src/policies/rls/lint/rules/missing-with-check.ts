import { fold, passesAnyRow } from "../fold.ts";
import { isTiedToIdentity } from "../identity.ts";
import { alterPolicy, formatNames, nameOf, objectOf, type Judgement, type Rule } from "../rule.ts";

/** What may be written is WITH CHECK, else USING; that fits only where USING means one's own rows. */
export const missingWithCheck: Rule = {
  name: "policies/missing-with-check",
  judge: ({ policies }) =>
    policies
      .filter(
        ({ isPermissive, isForOwner, command }) =>
          isPermissive && !isForOwner && ["INSERT", "UPDATE", "ALL"].includes(command),
      )
      .flatMap((policy): Judgement[] => {
        const { using, check, command } = policy;
        const object = objectOf(policy);
        const who = formatNames(policy.roles);
        const hint = `\`${alterPolicy(policy, "WITH CHECK (…)")}\` with the column of the row's owner`;
        if (check !== undefined) {
          if (!passesAnyRow(check.node)) return [];
          const message = `${nameOf(policy)} lets ${who} write any row, also in somebody else's name: WITH CHECK (${check.text.replace(/^\((.*)\)$/s, "$1")})`;
          return [{ severity: "warning", message, hint, object }];
        }
        if (command === "INSERT") {
          const message = `${nameOf(policy)} has no WITH CHECK, so it lets nobody insert anything`;
          return [{ severity: "warning", message, hint, object }];
        }
        // USING (true) is a finding of its own.
        if (using === undefined || fold(using.node) === true || isTiedToIdentity(using.node))
          return [];
        return [
          {
            severity: "warning",
            message: `${nameOf(policy)} has no WITH CHECK, and its USING also allows rows that are not the caller's: ${who} may write those in somebody else's name`,
            hint,
            object,
          },
        ];
      }),
};
