import type { Table } from "../database.ts";
import { formatNames, type Judgement, type Rule } from "../rule.ts";

/** Policies of a partitioned table do not hold for its partitions when those are named themselves. */
export const leafUnprotected: Rule = {
  name: "policies/leaf-unprotected",
  judge({ tables }) {
    const leaves = tables.filter(({ isPartition, isRootOn }) => isPartition && isRootOn);
    const roots = new Map<string, Table[]>();
    for (const leaf of leaves) roots.set(leaf.root, [...(roots.get(leaf.root) ?? []), leaf]);
    return [...roots].flatMap(([root, members]): Judgement[] => {
      const granted = members.filter(({ grantees }) => grantees.length > 0);
      const open = granted.filter(({ isOn }) => !isOn);
      const bare = members.filter(({ isOn, isForced }) => !isOn || !isForced);
      const findings: Judgement[] = [];
      if (granted.length > 0) {
        const who = [...new Set(granted.flatMap(({ grantees }) => grantees))].toSorted();
        const names = granted.map(({ name }) => name);
        findings.push({
          severity: open.length > 0 ? "error" : "warning",
          message:
            `${formatNames(who)} may name ${formatNames(names)}, ${names.length > 1 ? "partitions" : "a partition"} of ${root}` +
            (open.length > 0 ? ", past its policies" : ", whose own policies are other ones"),
          hint: `\`REVOKE ALL ON ${names.join(", ")} FROM ${who.join(", ")};\` (queries on ${root} need no rights there)`,
          object: root,
        });
      }
      if (bare.length > 0) {
        const names = bare.map(({ name }) => name);
        findings.push({
          severity: "warning",
          message: `${formatNames(names)}, ${names.length > 1 ? "partitions" : "a partition"} of ${root}, ${names.length > 1 ? "lack" : "lacks"} row security of ${names.length > 1 ? "their" : "its"} own: one grant on it would show every row`,
          hint: names
            .map(
              (name) =>
                `\`ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;\``,
            )
            .join(" "),
          object: root,
        });
      }
      return findings;
    });
  },
};
