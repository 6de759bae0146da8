/** SQL formatted and highlighted for reading. */
import { formatDialect, postgresql } from "sql-formatter";
import { scanTokens } from "../../db/script.ts";
import { escape, Html } from "../../html/markup.ts";

// A text of this size is a list of values, and takes seconds to format.
const longest = 20_000;

/** The text in lines; as it is where the formatter cannot read it. */
export function formatSql(text: string): string {
  if (text.length > longest) return text;
  try {
    return formatDialect(text, {
      dialect: postgresql,
      tabWidth: 2,
      indentStyle: "tabularLeft",
      keywordCase: "lower",
      expressionWidth: 70,
      paramTypes: { numbered: ["$"] },
    });
  } catch {
    // It throws bare Errors for whatever it does not know; the text as written is right as well.
    return text;
  }
}

/** Keywords, strings and numbers, parameters each in a span. */
export function highlightSql(text: string): Html {
  const formatted = formatSql(text);
  let tokens;
  try {
    tokens = scanTokens(formatted);
  } catch {
    // Cut off inside a string: no tokens, no colours.
    return new Html(escape(formatted));
  }
  const source = Buffer.from(formatted);
  let result = "";
  let from = 0;
  for (const { text: token, start, end, isKeyword } of tokens) {
    const kind = /^\$[0-9]/.test(token)
      ? "par"
      : /^(?:[ebxn]?'|\$|[0-9])/i.test(token)
        ? "val"
        : isKeyword
          ? "key"
          : undefined;
    result += escape(source.subarray(from, start).toString());
    const shown = escape(source.subarray(start, end).toString());
    result += kind === undefined ? shown : `<span class="${kind}">${shown}</span>`;
    from = end;
  }
  return new Html(result + escape(source.subarray(from).toString()));
}
