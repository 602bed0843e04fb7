import { type EmbeddedPostgres, startEmbeddedPostgres } from '@boxoffice/core/db/embedded-postgres.ts'
import { AppFailedError, superviseApp, type SupervisedApp } from './supervised-app.ts'

/** The processes that run so far: the database server, if it is ours, and the apps that use it. */
export class ProcessTree {
  readonly #apps: SupervisedApp[] = []
  #postgres: Promise<EmbeddedPostgres> | undefined
  #stopping = false

  /** Starts the database server. It is kept before it is there, so that it is stopped too if that comes meanwhile. */
  async startPostgres(options: Parameters<typeof startEmbeddedPostgres>[0]): Promise<EmbeddedPostgres> {
    this.#postgres = startEmbeddedPostgres(options)
    return await this.#postgres
  }

  /** Starts an app. Throws `AppFailedError` if everything is being stopped. */
  startApp(options: Parameters<typeof superviseApp>[0]): SupervisedApp {
    if (this.#stopping) throw new AppFailedError('Stopped while starting.')
    const app = superviseApp(options)
    this.#apps.push(app)
    return app
  }

  /** Stops the apps, together, and then the database that they use. */
  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.all(this.#apps.map((app) => app.stop()))
    const postgres = await this.#postgres?.catch(() => undefined)
    await postgres?.stop()
  }

  /**
   * Kills the apps, and resolves once the database server is asked to stop: from then on it stops by itself, and killing
   * it would only make its next start slower.
   */
  async kill(): Promise<void> {
    for (const app of this.#apps) app.kill()
    const postgres = await this.#postgres?.catch(() => undefined)
    void postgres?.stop()
  }
}
