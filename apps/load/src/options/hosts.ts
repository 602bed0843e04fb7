import { isIPv4 } from 'node:net'

/**
 * Hosts that a URL leads to and that are not this machine, by their names alone: nothing is looked up. What does not say
 * which host it means counts as another one.
 */
export function remoteHosts(url: URL): string[] {
  // PostgreSQL's drivers let `?host=` and `?hostaddr=` take the place of the host before the path.
  const hosts = [url.hostname, ...url.searchParams.getAll('host'), ...url.searchParams.getAll('hostaddr')]
  return hosts.flatMap((host) => host.split(',')).filter((host) => !isLoopback(host))
}

/** Recognizes 127.0.0.0/8, ::1, `localhost`, and a socket in the file system. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '[::1]' || host === '::1' || host.startsWith('/')) return true
  return isIPv4(host) && host.startsWith('127.')
}
