/** The style of the report's page; below 640 pixels each row of a table is a block of its own. */
import { palette } from "../../html/palette.ts";

export default `${palette}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:62rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:2rem;line-height:1.2;margin:.1rem 0 1rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2.5rem 0 .75rem}
.over{margin:0;color:var(--dim);font-size:.9rem;letter-spacing:.02em}
.verdict{margin:0 0 1.25rem;padding:.75rem 1rem;border-left:.3rem solid;background:var(--card)}
.good{color:var(--good)}.bad{color:var(--bad)}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:.5rem 2rem;margin:0 0 1rem}
dl div{display:grid;grid-template-columns:5.5rem 1fr;gap:.5rem;border-top:1px solid var(--line);padding-top:.4rem}
dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
table{width:100%;border-collapse:collapse;font-size:.925rem}
th{text-align:left;color:var(--dim);font-weight:600;padding:.4rem .75rem .4rem 0;border-bottom:2px solid var(--line)}
td{vertical-align:top;padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
code{font:.875em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
ul{padding-left:1.2rem}li{margin:.35rem 0}
.findings{list-style:none;padding:0}.findings li{padding:.6rem 1rem;border-left:.3rem solid var(--line);background:var(--card);overflow-wrap:anywhere}
.findings .error{border-color:var(--bad)}.findings .error strong{color:var(--bad)}
.findings .warning{border-color:var(--warn)}.findings .warning strong{color:var(--warn)}
td strong{overflow-wrap:normal}
.hint,.dim{color:var(--dim)}
summary{cursor:pointer;color:var(--dim)}.list{line-height:1.9}
@media (max-width:40rem){
main{padding:1.25rem 1rem 3rem}h1{font-size:1.6rem}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{display:block;padding:.5rem 0;border-bottom:1px solid var(--line)}
td{display:block;border:0;padding:.15rem 0}
td::before{content:attr(data-title);display:block;color:var(--dim);font-size:.8rem}
}
@media print{
body{font-size:10pt}main{max-width:none;padding:0}h2{break-after:avoid}tr,li,dl div{break-inside:avoid}
details>*{display:block}summary{list-style:none}
details::details-content{content-visibility:visible;height:auto}
}
`;
