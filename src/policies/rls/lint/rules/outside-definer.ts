import { scanTokens } from "../../../../db/script.ts";
import type { PolicyDatabase, Table } from "../database.ts";
import { formatNames, type Rule } from "../rule.ts";
import type { OutsideDefiner } from "../surroundings.ts";

/**
 * A SECURITY DEFINER function in a schema that `policies/` does not name, where nobody compares
 * rights, hands out rows that policies keep from its callers. Whether it filters them itself cannot
 * be seen from outside.
 */
export const outsideDefiner: Rule = {
  name: "policies/outside-definer",
  judge: (database) =>
    database.outsideDefiners.flatMap((definer) => {
      const tables = tablesOf(definer, database).filter(
        ({ owner, isForced }) => definer.isOwnerExempt || (owner === definer.owner && !isForced),
      );
      if (tables.length === 0) return [];
      const { name, signature, kind, owner, grantees } = definer;
      return [
        {
          severity: "warning",
          message: `${name}() runs as ${owner} for ${formatNames(grantees)} and names ${formatNames(tables.map((table) => table.name))}, whose policies do not hold for ${owner}; no file of policies/ says who may run it`,
          hint: `\`REVOKE ALL ON ${kind} ${signature} FROM ${grantees.join(", ")};\`, or grant it in policies/ to those it is for; where that is so, acknowledge it in policies/lint.yaml with the reason`,
          object: name,
        },
      ];
    }),
};

/** Tables with row security that the function depends on, or that its text names, also inside of strings. */
function tablesOf({ body, tableOids }: OutsideDefiner, { tables }: PolicyDatabase): Table[] {
  const words = wordsOf(body);
  return tables.filter(
    ({ oid, bareName, isOn, isPartition }) =>
      isOn && !isPartition && (tableOids.includes(oid) || words.has(bareName)),
  );
}

function wordsOf(body: string): Set<string> {
  const words = new Set<string>();
  const add = (text: string, depth: number) => {
    let tokens: ReturnType<typeof scanTokens>;
    try {
      tokens = scanTokens(text);
    } catch {
      // Another language, or a string that is no SQL: what it names can only be guessed by its words.
      for (const word of text.split(/[^\p{L}\p{N}_$]+/u)) words.add(word);
      return;
    }
    for (const { text: token } of tokens) {
      const quoted = /^"([^]*)"$/.exec(token)?.[1]?.replaceAll('""', '"');
      words.add(quoted ?? token.toLowerCase());
      // SQL for EXECUTE.
      const string = /^[eE]?'([^]*)'$/.exec(token)?.[1] ?? /^(\$\w*\$)([^]*)\1$/.exec(token)?.[2];
      if (string !== undefined && depth < 3) add(string.replaceAll("''", "'"), depth + 1);
    }
  };
  add(body, 0);
  return words;
}
