/** What this process is about; a host that stops waits for it. */
export interface ActiveWork {
  track<Outcome>(going: Promise<Outcome>): Promise<Outcome>
  settled(): Promise<void>
}

export function createActiveWork(): ActiveWork {
  const active = new Set<Promise<unknown>>()
  return {
    track(going) {
      active.add(going)
      const forget = (): boolean => active.delete(going)
      going.then(forget, forget)
      return going
    },
    async settled() {
      await Promise.allSettled(active)
    },
  }
}
