import { randomBytes } from 'node:crypto'
import { chown, link, readFile, rm, writeFile } from 'node:fs/promises'
import type { Account } from './account.ts'
import { errorCode } from './file-error.ts'

/**
 * Returns the server's password, created once and readable by its owner alone. It is written aside and linked into
 * place: a process that read a half-written file would wait for ever to be let in.
 */
export async function readOrMakePassword(file: string, account: Account | undefined): Promise<string> {
  const aside = `${file}.${randomBytes(6).toString('hex')}`
  try {
    await writeFile(aside, randomBytes(24).toString('base64url'), { flag: 'wx', mode: 0o600 })
    if (account !== undefined) await chown(aside, account.uid, account.gid)
    await link(aside, file)
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error
  } finally {
    await rm(aside, { force: true })
  }
  return (await readFile(file, 'utf8')).trim()
}
