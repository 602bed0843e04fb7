import { hostOf } from '@boxoffice/core/settings/host-of.ts'
import type { Settings } from '@boxoffice/core/settings/settings.ts'

/** The addresses that the API is reached at. If the system chooses the port, they are known once the API listens. */
export class Addresses {
  readonly #settings: Pick<Settings, 'HOST' | 'PUBLIC_URL'>
  #own = ''

  constructor(settings: Pick<Settings, 'HOST' | 'PUBLIC_URL'>) {
    this.#settings = settings
  }

  /** Returns the address of this process, without a slash at the end. */
  readonly own = (): string => this.#own

  /** Returns the address that buyers use, without a slash at the end. */
  readonly public = (): string => this.#settings.PUBLIC_URL ?? this.#own

  onListening(port: number): void {
    this.#own = `http://${hostOf(this.#settings.HOST)}:${port}`
  }
}
