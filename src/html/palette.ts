/** The colours of every page: light, dark, and on paper. */
export const palette = `
:root{--ink:#1c2430;--dim:#5b6675;--paper:#fff;--card:#f6f7f9;--line:#dde1e6;--bar:#3f6fb5;--link:#1f5fae;--warn:#8a5200;--bad:#b3261e;--good:#1a7038;--key:#6b3fa0;--val:#97510c;--par:#0b6e75;color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{--ink:#e4e8ee;--dim:#9aa5b3;--paper:#14181e;--card:#1c2229;--line:#333c47;--bar:#6d9ae0;--link:#8ab4f0;--warn:#e2a84b;--bad:#f2918a;--good:#74c991;--key:#c3a3ee;--val:#e5b072;--par:#6fc8cf}}
@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--dim:#444;--line:#bbb;--link:#000;--warn:#5c3d00;--bad:#8a0f19;--good:#0a4d29;--key:#000;--val:#000;--par:#000}}
`;
