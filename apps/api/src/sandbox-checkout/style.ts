import { createHash } from 'node:crypto'

export const SANDBOX_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f3f1ec; --card: #fff; --ink: #1c1b22; --quiet: #5f5c69; --line: #dedad1;
  --accent: #2f3fbf; --accent-ink: #fff; --accent-deep: #2431a0;
  --tape: #ffd34d; --tape-ink: #2b2200;
  --good: #0e7a4b; --good-soft: #e2f4ea; --bad: #b3261e; --bad-soft: #fbe8e6; --wait: #8a5a00; --wait-soft: #fdf1d8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131318; --card: #1f1f27; --ink: #f1eff6; --quiet: #aba7b8; --line: #363543;
    --accent: #93a0ff; --accent-ink: #10122e; --accent-deep: #aeb8ff;
    --tape: #e9b93a; --tape-ink: #2b2200;
    --good: #6fd7a4; --good-soft: #14322a; --bad: #ffa39b; --bad-soft: #3d1f22; --wait: #f3c567; --wait-soft: #38301d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
  -webkit-text-size-adjust: 100%;
}
h1, h2, h3, p, ul { margin: 0; padding: 0; }
ul { list-style: none; }

.tape { background: var(--tape); color: var(--tape-ink); }
.tape::after {
  content: ""; display: block; height: 8px;
  background: repeating-linear-gradient(-45deg, var(--tape-ink) 0 12px, var(--tape) 12px 24px);
}
.tape p { max-width: 40rem; margin: 0 auto; padding: .75rem 1.25rem; font-size: .9375rem; }

main { max-width: 40rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; }

.ticket { overflow: clip; background: var(--card); border-radius: 18px; box-shadow: 0 1px 2px #0000000f, 0 14px 34px -14px #00000038; }
.ticket section { padding: 1.75rem; }
.order h1 { font-size: 1.375rem; line-height: 1.3; font-weight: 650; overflow-wrap: anywhere; text-wrap: pretty; }
.label { color: var(--quiet); font-size: .875rem; }
.order .label { margin-bottom: .25rem; }
.reference { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; letter-spacing: .06em; color: var(--ink); }
.perforation { position: relative; border-top: 2px dashed var(--line); margin: 0 22px; }
.perforation::before, .perforation::after {
  content: ""; position: absolute; top: -12px; width: 22px; height: 22px; border-radius: 50%; background: var(--paper);
}
.perforation::before { left: -33px; }
.perforation::after { right: -33px; }
.amount { font-size: 2.25rem; line-height: 1.15; font-weight: 700; font-variant-numeric: tabular-nums; letter-spacing: -.015em; }
.due { display: flex; align-items: baseline; justify-content: space-between; gap: .25rem 1rem; flex-wrap: wrap; margin-bottom: 1.25rem; }

button, .button { font: inherit; cursor: pointer; }
.button {
  display: block; width: 100%; padding: .9rem 1.25rem; border: 0; border-radius: 12px; text-align: center;
  font-size: 1.125rem; font-weight: 650; text-decoration: none; background: var(--accent); color: var(--accent-ink);
}
.button:hover { background: var(--accent-deep); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
.after { margin-top: 1rem; text-align: center; }
a { color: var(--accent); text-underline-offset: .2em; }

.state { display: flex; gap: 1rem; align-items: flex-start; }
.state svg { flex: none; width: 3rem; height: 3rem; padding: .7rem; border-radius: 50%; }
.state h2 { font-size: 1.375rem; line-height: 1.3; font-weight: 700; }
.state p { margin-top: .25rem; color: var(--quiet); text-wrap: pretty; }
.state + .button { margin-top: 1.5rem; }
.good svg { background: var(--good-soft); color: var(--good); }
.bad svg { background: var(--bad-soft); color: var(--bad); }
.wait svg { background: var(--wait-soft); color: var(--wait); }

.notice { margin-bottom: 1.25rem; padding: .75rem 1rem; border-radius: 12px; background: var(--wait-soft); color: var(--wait); font-weight: 550; }
.notice.alert { background: var(--bad-soft); color: var(--bad); }

.others { margin-top: 2.75rem; }
.others h2 { font-size: 1.125rem; font-weight: 700; }
.others h3 { margin: 1.5rem 0 .5rem; font-size: .875rem; font-weight: 600; color: var(--quiet); }
.cases { background: var(--card); border: 1px solid var(--line); border-radius: 14px; overflow: hidden; }
.cases li + li { border-top: 1px solid var(--line); }
.cases form { display: flex; align-items: stretch; }
.case {
  flex: 1; display: grid; grid-template-columns: 1fr auto; align-items: center; column-gap: 1rem;
  padding: .8rem 1.1rem; border: 0; background: none; color: inherit; text-align: start;
}
.case:hover { background: color-mix(in srgb, var(--accent) 9%, transparent); }
.case:focus-visible { outline-offset: -4px; border-radius: 12px; }
.case strong { font-weight: 600; color: var(--accent); }
.case small { grid-column: 1; font-size: .9375rem; color: var(--quiet); text-wrap: pretty; }
.case svg { grid-column: 2; grid-row: 1 / span 2; width: 1.1rem; height: 1.1rem; color: var(--quiet); }
.delay { display: flex; flex-direction: column; justify-content: center; padding: .5rem 1.1rem; border-inline-start: 1px solid var(--line); font-size: .8125rem; color: var(--quiet); }
.delay input {
  width: 4.5rem; padding: .25rem .5rem; font: inherit; font-size: 1rem; color: var(--ink); background: var(--paper);
  border: 1px solid var(--quiet); border-radius: 8px;
}
@media (max-width: 30rem) {
  main { padding: 1.25rem .875rem 3rem; }
  .ticket section { padding: 1.375rem 1.25rem; }
  .amount { font-size: 2rem; }
}
@media print { .tape::after, .others { display: none; } }
`

/** For `style-src`: this very style and no other. */
export const SANDBOX_STYLE_SOURCE = `'sha256-${createHash('sha256').update(SANDBOX_STYLE).digest('base64')}'`
