import type { Server } from 'node:http'
import { networksOf } from '../admission/client-address.ts'
import type { AddressShares } from '../admission/address-shares.ts'

/** The open connections of a process, over all sockets that it listens with. */
export class ConnectionShares {
  readonly #shares: AddressShares
  readonly #isProxy: (address: string) => boolean
  #refused = 0

  /**
   * Starts without connections.
   *
   * @param isProxy whether many clients share the connections of this address
   */
  constructor(shares: AddressShares, isProxy: (address: string) => boolean) {
    this.#shares = shares
    this.#isProxy = isProxy
  }

  /** Returns the number of open connections that count for an address: not those of proxies. */
  get size(): number {
    return this.#shares.used
  }

  /** Returns how many connections were closed so far because their address had too many. */
  get refused(): number {
    return this.#refused
  }

  /** Closes at once every connection that is one too many for its address. */
  guard(server: Server): void {
    server.on('connection', (socket) => {
      const { remoteAddress } = socket
      if (remoteAddress === undefined || this.#isProxy(remoteAddress)) return
      const networks = networksOf(remoteAddress)
      if (!this.#shares.hasRoom(networks, 1)) {
        this.#refused += 1
        // Nothing of it stays in the kernel either.
        socket.resetAndDestroy()
        return
      }
      this.#shares.take(networks, 1)
      socket.once('close', () => this.#shares.giveBack(networks, 1))
    })
  }
}
