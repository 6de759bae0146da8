/** Columns that by their name and type hold something nobody should find in a log. */
import type { AuditColumn } from "./column-form.ts";

const textSecrets =
  /(^|_)(password|passwd|pwd?|passphrase|secrets?|tokens?|credentials?|salt|((api|private|access|secret|encryption|signing|session|ssh|pgp)_?key)|recovery_codes?|backup_codes?)(_|$)/;

// These are secret as numbers, too.
const numberSecrets =
  /(^|_)(ssn|social_security(_(number|no))?|cvv2?|cvc2?|pin|t?otp|passcode|((credit|debit)_)?card(_(number|num|no|pan))?|iban|bank_account(_(number|no))?)(_|$)/;

// What is about a secret is none itself: `token_id`, `password_changed_at`, `card_type`.
const aboutIt =
  /_(id|ids|at|on|count|type|kind|status|state|version|length|expiry|expires|algorithm|hint|name|label|brand)$/;

const harmless = /^pg_catalog\.(bool|date|time|timetz|timestamp|timestamptz|interval)$/;
const numbers = /^pg_catalog\.(int2|int4|int8|numeric|float4|float8)$/;

/** True for a column that must be excluded, masked or expressly allowed. */
export function looksSecret({ name, baseType }: AuditColumn): boolean {
  if (harmless.test(baseType)) return false;
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_");
  if (aboutIt.test(words)) return false;
  if (numberSecrets.test(words)) return true;
  return !numbers.test(baseType) && textSecrets.test(words);
}
