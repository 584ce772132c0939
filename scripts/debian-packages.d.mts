/**
 * The folder `.cache/{name}` with these packages of Debian and the libraries they name, fetched once by `apt-get
 * download`. As root it runs `apt-get update` where no package is known yet. Rejects where that is impossible.
 */
export function unpackedPackages(name: string, packages: readonly string[]): Promise<string>
/** What `LD_LIBRARY_PATH` must say for programs of such a folder. */
export function unpackedLibraries(folder: string): string
