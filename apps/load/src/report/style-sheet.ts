/*
 * The lines' colours are from the palette of Okabe and Ito, which colour-blind readers can tell apart, darkened or
 * lightened until they stand out from the page; the dashes tell them apart without colour. The seats' are viridis, whose
 * lightness grows evenly.
 */
const LIGHT = `color-scheme: light; --page: #ffffff; --panel: #f5f6f8; --text: #1a1d21; --quiet: #555d68; --rule: #d5d9df;
--good: #00694b; --bad: #b3261e; --c0: #0067a8; --c1: #c44e00; --c2: #007a5a; --c3: #7a7f87;
--t0: #440154; --t1: #414487; --t2: #2a788e; --t3: #22a884; --t4: #7ad151; --t5: #fde725;`

const DARK = `color-scheme: dark; --page: #14171b; --panel: #1e2329; --text: #e8eaed; --quiet: #a6aeb8; --rule: #3a414a;
--good: #4fd1a5; --bad: #ff8a80; --c0: #56b4e9; --c1: #f0a030; --c2: #35c79a; --c3: #9aa2ad;
--t0: #7445a8; --t1: #5f74bd; --t2: #2f93ab; --t3: #22b88f; --t4: #7ad151; --t5: #fde725;`

/** Style sheet without `<` and `&`, so that it may stand in a page as it is. */
export const STYLE_SHEET = `
:root { ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
@media print { :root { ${LIGHT} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 1200px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { margin: 0; font-size: 28px; line-height: 1.2; }
h2 { margin: 40px 0 12px; font-size: 20px; }
h3 { margin: 16px 0 8px; font-size: 16px; }
p { margin: 8px 0; max-width: 75ch; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); font-size: 14px; }
.verdict { margin: 20px 0; padding: 12px 16px; border-left: 6px solid var(--good); background: var(--panel); }
.verdict.bad { border-color: var(--bad); }
.verdict h2 { margin: 0; color: var(--good); }
.verdict.bad h2 { color: var(--bad); }
.verdict ul { margin: 8px 0 0; padding-left: 20px; overflow-wrap: anywhere; }
.warnings { color: var(--quiet); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 8px; margin: 0; }
.cards div { padding: 10px 12px; background: var(--panel); overflow-wrap: anywhere; }
.cards dt { color: var(--quiet); font-size: 13px; }
.cards dd { margin: 0; font-size: 24px; font-variant-numeric: tabular-nums; line-height: 1.3; }
.cards .unit { font-size: 14px; color: var(--quiet); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 24px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 0 24px; }
.pair div { min-width: 0; }
figure { margin: 0; min-width: 0; break-inside: avoid; }
figcaption { font-weight: 600; }
.plot svg { max-width: 100%; height: auto; display: block; }
svg.narrow { display: none; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 2px 0 6px; padding: 0; list-style: none; font-size: 14px; }
.legend li { display: flex; align-items: center; gap: 6px; }
.legend svg.key { display: inline; flex: none; }
svg text { font: 12px system-ui, sans-serif; fill: var(--quiet); font-variant-numeric: tabular-nums; }
.grid { stroke: var(--rule); fill: none; }
.mark { stroke: var(--quiet); fill: none; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.s0 { stroke: var(--c0); }
.s1 { stroke: var(--c1); stroke-dasharray: 8 3; }
.s2 { stroke: var(--c2); stroke-dasharray: 2 3; }
.s3 { stroke: var(--c3); stroke-dasharray: 9 3 2 3; }
.dot { stroke-width: 6; stroke-linecap: round; stroke-dasharray: none; }
.map { display: block; max-width: 100%; height: auto; }
.seat { stroke: var(--quiet); stroke-width: .06; }
.dense { stroke: none; }
.unsold { fill: none; }
.dense.unsold { stroke: var(--quiet); stroke-width: .04; }
.t0 { fill: var(--t0); } .t1 { fill: var(--t1); } .t2 { fill: var(--t2); }
.t3 { fill: var(--t3); } .t4 { fill: var(--t4); } .t5 { fill: var(--t5); }
.caption { margin: 16px 0 2px; font-weight: 600; font-size: 14px; }
.terms { display: grid; grid-template-columns: max-content 1fr; gap: 2px 12px; margin: 4px 0; max-width: 75ch; font-size: 14px; }
.terms dt { color: var(--quiet); }
.terms dd { margin: 0; }
.scroll { overflow-x: auto; margin: 0 0 12px; }
table { border-collapse: collapse; font-size: 14px; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 12px 4px 0; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
.numbers td, .numbers thead th + th { text-align: right; padding: 4px 0 4px 20px; white-space: nowrap; }
.words td { min-width: 100px; overflow-wrap: break-word; }
tbody th { font-weight: 400; min-width: 120px; }
thead th { color: var(--quiet); font-weight: 600; }
td strong { color: var(--bad); }
summary { cursor: pointer; }
@media (max-width: 620px) { svg.wide { display: none; } svg.narrow { display: block; } h1 { font-size: 24px; } }
@media print { main { max-width: none; padding: 0; } .scroll { overflow: visible; } .plots, .pair { grid-template-columns: 1fr 1fr; }
  svg.wide { display: none; } svg.narrow { display: block; } h2, h3, .caption { break-after: avoid; } tr { break-inside: avoid; } .seat, .verdict, .cards div { print-color-adjust: exact; } }
`
