import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'

/*
 * Makes `dist` a package of its own, which runs in browsers and Node 20. The workspace's package.json goes on pointing at
 * the sources, so that nothing has to be built for the tests.
 */

const HOME = new URL('../', import.meta.url)
const DIST = new URL('dist/', HOME)

const own = JSON.parse(readFileSync(new URL('package.json', HOME), 'utf8')) as Record<string, unknown>
const { name, version, description, license, type } = own
const manifest = {
  name,
  version,
  description,
  license,
  type,
  sideEffects: false,
  engines: { node: '>=20' },
  exports: { '.': { types: './index.d.ts', default: './index.js' } },
}
writeFileSync(new URL('package.json', DIST), `${JSON.stringify(manifest, null, 2)}\n`)
copyFileSync(new URL('../../LICENSE', HOME), new URL('LICENSE', DIST))
