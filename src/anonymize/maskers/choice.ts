import type { Masker } from "./masker.ts";

export const choice: Masker = {
  name: "choice",
  gives:
    "one of `values`, each as likely; of an enum's labels or of true and false where none are named",
  accepts: ["text", "enum", "boolean", "integer", "number", "date", "uuid"],
  options: ["values"],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  refuse({ options: { values }, type }) {
    if (!values && type.kind !== "enum" && type.kind !== "boolean")
      return "`choice` needs `values`";
    const { labels, maxLength } = type;
    const foreign = values?.map(String).find((one) => labels && !labels.includes(one));
    if (foreign !== undefined) return `${type.typeName} has no label \`${foreign}\``;
    const long = values
      ?.map(String)
      .find((one) => maxLength !== undefined && one.length > maxLength);
    return long === undefined ? undefined : `\`${long}\` is longer than ${type.typeName}`;
  },
  compile: ({ pick, options: { values }, type }) =>
    pick(values?.map(String) ?? type.labels ?? ["true", "false"]),
};
