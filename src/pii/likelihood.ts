/** The statistics behind a judgement. */

/**
 * Wilson's 95% interval of a share, (low, high), from `hits` of `total`: sound for small samples and
 * near 0 and 1, unlike the raw ratio.
 */
export function wilson(hits: number, total: number): readonly [number, number] {
  if (total === 0) return [0, 1];
  const z = 1.96;
  const share = hits / total;
  const spread = z * Math.sqrt((share * (1 - share)) / total + (z * z) / (4 * total * total));
  const centre = share + (z * z) / (2 * total);
  const scale = 1 + (z * z) / total;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}

/**
 * Probability that at least `hits` of `total` pass a test which each passes by chance with
 * probability `chance`: the exact binomial tail. Check digits alone prove nothing (a tenth of all
 * numbers passes Luhn's), but a column that passes far more often than that does.
 */
export function tail(hits: number, total: number, chance: number): number {
  if (hits <= 0) return 1;
  if (hits > total) return 0;
  // From the end that lies at the middle outwards: terms fall, and the first is no zero for want of digits.
  const isUpper = hits > total * chance;
  const first = isUpper ? hits : hits - 1;
  // log C(n, k) + k log p + (n - k) log(1 - p), then each next term by its ratio.
  let logTerm = first * Math.log(chance) + (total - first) * Math.log1p(-chance);
  for (let i = 1; i <= first; i += 1) logTerm += Math.log((total - first + i) / i);
  let term = Math.exp(logTerm);
  let sum = 0;
  const odds = chance / (1 - chance);
  for (let k = first; k >= 0 && k <= total && term > sum * 1e-12; k += isUpper ? 1 : -1) {
    sum += term;
    term *= isUpper ? ((total - k) / (k + 1)) * odds : k / (total - k + 1) / odds;
  }
  return Math.max(0, Math.min(1, isUpper ? sum : 1 - sum));
}

/** Confidence of log-odds. */
export function logistic(odds: number): number {
  return 1 / (1 + Math.exp(-odds));
}
