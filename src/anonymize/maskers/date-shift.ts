import type { Masker } from "./masker.ts";
import { isoDate, shiftedText } from "./iso-date.ts";

export const dateShift: Masker = {
  name: "date_shift",
  gives:
    "1 to `max_days` days earlier; as many for all dates of the person that `by` names, so intervals stay",
  accepts: ["date", "timestamp", "text"],
  options: ["by", "max_days"],
  from: "draw",
  uniqueness: "lossy",
  strength: "strong",
  isShapedByOriginal: true,
  compile({ value, text, type, draw, subject, options: { by, max_days: most = 365 } }) {
    const days = `(1 + ${(by === undefined ? draw : subject()).below(most)})`;
    if (type.kind === "text") {
      return `case when ${text} ~ '${isoDate}' then ${shiftedText(text, days)} else '' end`;
    }
    // The calendar ends at 4713 BC; infinity has no days to lose.
    const [step, edge] =
      type.kind === "date"
        ? [days, "'4000-01-01 BC'::date"]
        : [`${days} * interval '24 hours'`, `'4000-01-01 BC'::${type.base}`];
    return `case when ${value} < ${edge} then ${value} + ${step} else ${value} - ${step} end`;
  },
};
