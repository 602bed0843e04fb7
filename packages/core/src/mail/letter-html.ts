import { html, Markup } from './html.ts'

/*
 * The look of mail. Mail programs know tables and inline styles and little else, so that is what carries the layout; the
 * style sheet only adds what those that read it can do: the dark, and narrow screens. Nothing is fetched from anywhere.
 */

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
const INK = '#1c1b22'
const QUIET = '#5f5c69'
const LINE = '#e3dfd6'
const ACCENT = '#2f3fbf'
/** Whatever people wrote breaks where it has to, and the layout never does. */
const BREAK = 'word-break:break-word;overflow-wrap:anywhere'

const STYLE = new Markup(`<style>
  :root { color-scheme: light dark; supported-color-schemes: light dark; }
  @media (max-width: 480px) {
    .outer { padding: 0 !important; }
    .card { border-radius: 0 !important; }
    .inner { padding: 24px 20px !important; }
    .name { display: block !important; width: auto !important; padding-bottom: 0 !important; }
    .value { display: block !important; padding-top: 2px !important; border-top: 0 !important; }
  }
  @media (prefers-color-scheme: dark) {
    .page { background: #131318 !important; }
    .card { background: #1f1f27 !important; }
    .ink { color: #f1eff6 !important; }
    .quiet { color: #aba7b8 !important; }
    .panel { background: #282833 !important; }
    .rule { border-color: #3a3947 !important; }
    .band { background: #93a0ff !important; }
    .button { background: #93a0ff !important; color: #10122e !important; }
  }
</style>`)

export function frame(parts: {
  readonly title: string
  readonly preview: string
  readonly heading: string
  readonly content: readonly Markup[]
  readonly footer: Markup
}): Markup {
  const { title, preview, heading, content, footer } = parts
  return html`<!doctype html>
    <html lang="en" dir="ltr">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="format-detection" content="telephone=no, date=no, address=no" />
        <title>${title}</title>
        ${STYLE}
      </head>
      <body class="page" style="margin:0;padding:0;background:#f3f1ec;-webkit-text-size-adjust:100%">
        <div style="display:none;max-height:0;overflow:hidden;opacity:0">${preview}${PADDING}</div>
        <table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" style="background:#f3f1ec">
          <tr>
            <td class="outer" align="center" style="padding:32px 12px">
              <table
                role="presentation"
                class="card"
                width="100%"
                cellpadding="0"
                cellspacing="0"
                style="max-width:600px;background:#ffffff;border-radius:14px;overflow:hidden"
              >
                <tr>
                  <td class="band" style="height:6px;line-height:6px;font-size:0;background:${ACCENT}">&nbsp;</td>
                </tr>
                <tr>
                  <td class="inner" style="padding:32px 36px">
                    <h1
                      class="ink"
                      style="margin:0 0 16px;${FONT};font-size:24px;line-height:1.3;font-weight:700;color:${INK};${BREAK}"
                    >
                      ${heading}
                    </h1>
                    ${content}
                    <p
                      class="quiet rule"
                      style="margin:28px 0 0;padding-top:16px;border-top:1px solid ${LINE};${FONT};font-size:13px;line-height:1.5;color:${QUIET};${BREAK}"
                    >
                      ${footer}
                    </p>
                  </td>
                </tr>
              </table>
            </td>
          </tr>
        </table>
      </body>
    </html> `
}

/** Keeps the mailbox from showing the beginning of the text after a short preview. */
const PADDING = new Markup('&#8199;&#65279;&#847; '.repeat(40))

export function paragraph(text: string): Markup {
  return html`<p class="ink" style="margin:0 0 16px;${FONT};font-size:16px;line-height:1.55;color:${INK};${BREAK}">
    ${text}
  </p> `
}

export function small(content: Markup): Markup {
  return html`<p class="quiet" style="margin:0 0 12px;${FONT};font-size:14px;line-height:1.5;color:${QUIET};${BREAK}">
    ${content}
  </p> `
}

interface PanelRow {
  readonly name: string
  readonly value: string
  readonly more: string | null
}

export function panel(rows: readonly PanelRow[]): Markup {
  return html`<table
    role="presentation"
    class="panel"
    width="100%"
    cellpadding="0"
    cellspacing="0"
    style="margin:0 0 24px;background:#f7f5f0;border-radius:10px"
  >
    <tr>
      <td style="padding:8px 20px 12px">
        <table role="presentation" width="100%" cellpadding="0" cellspacing="0">
          ${rows.map(
            ({ name, value, more }) =>
              html`<tr>
                <td
                  class="name quiet"
                  width="96"
                  valign="top"
                  style="padding:8px 12px 4px 0;${FONT};font-size:14px;line-height:1.5;color:${QUIET}"
                >
                  ${name}
                </td>
                <td
                  class="value ink"
                  valign="top"
                  style="padding:7px 0 4px;${FONT};font-size:16px;line-height:1.45;font-weight:600;color:${INK};${BREAK}"
                >
                  ${value}${
                    more === null
                      ? null
                      : html`<br /><span class="quiet" style="font-size:14px;font-weight:400;color:${QUIET}"
                            >${more}</span
                          >`
                  }
                </td>
              </tr> `,
          )}
        </table>
      </td>
    </tr>
  </table> `
}

interface TableRow {
  readonly what: string
  readonly more: string | null
  readonly amount: string
  readonly isTotal: boolean
}

export function table(rows: readonly TableRow[]): Markup {
  return html`<table width="100%" cellpadding="0" cellspacing="0" style="margin:0 0 24px">
    ${rows.map(({ what, more, amount, isTotal }) => {
      const weight = isTotal ? 'font-weight:700;font-size:17px' : 'font-weight:400;font-size:15px'
      const border = isTotal ? `border-top:2px solid ${LINE}` : `border-top:1px solid ${LINE}`
      const cell = `padding:10px 0;${border};${FONT};line-height:1.45;color:${INK};${weight}`
      return html`<tr>
        <td class="ink rule" valign="top" style="${cell};${BREAK}">
          ${what}${
            more === null ? null : html`<br /><span class="quiet" style="font-size:14px;color:${QUIET}">${more}</span>`
          }
        </td>
        <td class="ink rule" valign="top" align="right" style="${cell};padding-left:16px;white-space:nowrap">
          ${amount}
        </td>
      </tr> `
    })}
  </table> `
}

/** Returns a button: a cell with a background of its own, because some programs give links none. */
export function button(label: string, url: string): Markup {
  return html`<table role="presentation" cellpadding="0" cellspacing="0" style="margin:4px 0 20px">
    <tr>
      <td class="button" align="center" style="background:${ACCENT};border-radius:10px">
        <a
          class="button"
          href="${url}"
          style="display:inline-block;padding:13px 26px;${FONT};font-size:16px;font-weight:600;color:#ffffff;text-decoration:none;border-radius:10px"
          >${label}</a
        >
      </td>
    </tr>
  </table> `
}
