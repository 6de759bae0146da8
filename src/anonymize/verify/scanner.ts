/** The one door to the scan for personal data, which knows nothing of the rules. */
export { scan } from "../../pii/scan.ts";
export { showMasked } from "../../pii/show.ts";
export type { PiiFinding } from "../../pii/report.ts";
