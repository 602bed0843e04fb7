import { randomUUID } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createTransport } from 'nodemailer'
import { makeDirectory } from '../runtime/make-directory.ts'
import { type MailTransport, messageOf } from './message.ts'

/**
 * Returns the transport of instances without a mail server: each mail becomes a file as it would have been sent (RFC
 * 822), `.eml`, and a `.html` beside it to look at. Sending it again writes the same files again.
 */
export function directoryTransport(dataDirectory: string, from: string): MailTransport {
  const directory = join(resolve(dataDirectory), 'mail')
  const composer = createTransport({
    streamTransport: true,
    buffer: true,
    newline: 'windows',
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    send: async (mail) => {
      const { message } = await composer.sendMail(messageOf(mail, from))
      if (!Buffer.isBuffer(message)) throw new Error('the mail was not put together')
      await makeDirectory(directory)
      const time = mail.createdAt.toISOString().replaceAll(/[:.]/g, '-')
      const name = `${time}-${mail.name}-${mail.id.slice(-6)}`
      await writeWhole(join(directory, `${name}.html`), mail.html)
      // Last: whoever waits for the mail finds both.
      await writeWhole(join(directory, `${name}.eml`), message)
    },
    close: () => undefined,
  }
}

/** Writes a file so that nobody ever reads half of it, and only its owner may read it: it holds buyers' data. */
async function writeWhole(path: string, content: Buffer | string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  try {
    const file = await open(aside, 'wx', 0o600)
    try {
      await file.writeFile(content)
    } finally {
      await file.close()
    }
    await rename(aside, path)
  } finally {
    await rm(aside, { force: true })
  }
}
