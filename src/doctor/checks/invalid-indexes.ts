import { judgeInvalid, readInvalid } from "../../indexes/invalid.ts";
import type { Check } from "../check.ts";

export const invalidIndexes: Check = {
  title: "invalid indexes",
  async look(session, { server }) {
    const rows = await readInvalid(session);
    return rows.map((row) => {
      const { kind, ...finding } = judgeInvalid(row, server.isStandby);
      return { rule: `doctor/index-${kind}`, ...finding };
    });
  },
};
