import { createHash } from 'node:crypto'

export const RECOVERY_STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f3f1ec; --card: #fff; --ink: #1c1b22; --quiet: #5f5c69; --line: #dedad1;
  --accent: #2f3fbf; --accent-ink: #fff; --accent-deep: #2431a0;
  --good: #0e7a4b; --good-soft: #e2f4ea; --bad: #b3261e; --bad-soft: #fbe8e6; --wait: #8a5a00; --wait-soft: #fdf1d8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131318; --card: #1f1f27; --ink: #f1eff6; --quiet: #aba7b8; --line: #363543;
    --accent: #93a0ff; --accent-ink: #10122e; --accent-deep: #aeb8ff;
    --good: #6fd7a4; --good-soft: #14322a; --bad: #ffa39b; --bad-soft: #3d1f22; --wait: #f3c567; --wait-soft: #38301d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: anywhere;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", Arial, sans-serif;
  -webkit-text-size-adjust: 100%;
}
h1, h2, h3, p, ul, dl, dd { margin: 0; padding: 0; }
ul { list-style: none; }
main { max-width: 40rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
.card { background: var(--card); border-radius: 18px; padding: 1.75rem; box-shadow: 0 1px 2px #0000000f, 0 14px 34px -14px #00000038; }
.card > * + * { margin-top: 1rem; }
h1 { font-size: 1.625rem; line-height: 1.25; text-wrap: pretty; }
.card > .label + h1 { margin-top: .25rem; }
h2 { margin: 2.5rem 0 .25rem; font-size: 1.25rem; }
h3 { font-size: 1.125rem; }
.label, small { color: var(--quiet); font-size: .875rem; }
.reference { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; letter-spacing: .06em; color: var(--ink); }
.status, .notice { padding: .75rem 1rem; border-radius: 12px; background: var(--wait-soft); color: var(--wait); font-weight: 550; }
.status.confirmed, .status.completed { background: var(--good-soft); color: var(--good); }
.status.cancelled, .notice[role=alert] { background: var(--bad-soft); color: var(--bad); }
dl { display: grid; grid-template-columns: auto 1fr; gap: .5rem 1.25rem; }
dt { color: var(--quiet); }
dd { font-weight: 600; }
dd small { font-weight: 400; }
label { display: block; font-weight: 600; }
label + label { margin-top: 1rem; }
input {
  display: block; width: 100%; margin-top: .25rem; padding: .7rem .9rem; font: inherit; font-size: 1rem;
  color: var(--ink); background: var(--paper); border: 1px solid var(--quiet); border-radius: 10px;
}
input[name=reference] { text-transform: uppercase; letter-spacing: .06em; }
.button {
  display: block; width: 100%; padding: .9rem 1.25rem; border: 0; border-radius: 12px; text-align: center; cursor: pointer;
  font: inherit; font-size: 1.0625rem; font-weight: 650; text-decoration: none; background: var(--accent); color: var(--accent-ink);
}
.button:hover { background: var(--accent-deep); }
form .button { margin-top: 1.25rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; }
a { color: var(--accent); text-underline-offset: .2em; }
a.button { color: var(--accent-ink); }
.tickets { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr)); gap: 1rem; margin-top: 1rem; }
.ticket { padding: 1.25rem; text-align: center; }
.code { background: #fff; border-radius: 10px; }
.code img { display: block; width: 100%; height: auto; max-width: 20rem; margin: 0 auto; color: #1c1b22; }
.pages { display: flex; gap: 1rem; justify-content: space-between; margin-top: 1rem; }
.page { padding: .7rem 1.1rem; border: 1px solid var(--line); border-radius: 10px; background: var(--card); font-weight: 600; text-decoration: none; }
.page.next { margin-left: auto; }
.checked_in .code { opacity: .35; }
.foot { margin-top: 2rem; text-align: center; }
@media (max-width: 30rem) { main { padding: 1rem .75rem 3rem; } .card { padding: 1.375rem 1.25rem; } }
@media print { .button, .foot, .pages { display: none; } .card { box-shadow: none; border: 1px solid #999; break-inside: avoid; } }
`

/** For `style-src`: this very style and no other. */
export const RECOVERY_STYLE_SOURCE = `'sha256-${createHash('sha256').update(RECOVERY_STYLE).digest('base64')}'`
