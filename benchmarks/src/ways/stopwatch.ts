/** How long work took, in milliseconds. */
export async function elapsedMs(work: () => unknown): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}
