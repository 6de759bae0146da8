import { fold } from "../fold.ts";
import { opensWithoutIdentity } from "../identity.ts";
import { clausesOf, formatNames, nameOf, objectOf, type Judgement, type Rule } from "../rule.ts";

/**
 * USING (true) for reading may be meant for reference data, so it is worth a word; for writing it
 * is a hole. A policy for the owner alone is neither.
 */
export const alwaysTrue: Rule = {
  name: "policies/always-true",
  judge: ({ policies }) =>
    policies
      .filter(({ isPermissive, isForOwner }) => isPermissive && !isForOwner)
      .flatMap((policy): Judgement[] => {
        const object = objectOf(policy);
        const who = formatNames(policy.roles);
        if (policy.using !== undefined && fold(policy.using.node) === true) {
          const verbs = {
            SELECT: "see",
            UPDATE: "change",
            DELETE: "delete",
            ALL: "see and change",
            INSERT: "add",
          };
          return [
            {
              severity: policy.command === "SELECT" ? "info" : "warning",
              message: `${nameOf(policy)} lets ${who} ${verbs[policy.command]} every row`,
              hint:
                policy.command === "SELECT"
                  ? "if they are nobody's rows, acknowledge it in policies/lint.yaml with the reason"
                  : `\`DROP POLICY ${policy.name} ON ${policy.table.name};\` and create one for each command with the owner's column in USING and WITH CHECK`,
              object,
            },
          ];
        }
        const open = clausesOf(policy)
          .map(([, expression]) => opensWithoutIdentity(expression.node))
          .find((why) => why !== undefined);
        if (open === undefined) return [];
        return [
          {
            severity: "error",
            message: `${nameOf(policy)} opens every row to ${who} where no identity is set: ${open}`,
            hint: "a comparison with NULL lets nothing through, which is right: leave that part out",
            object,
          },
        ];
      }),
};
