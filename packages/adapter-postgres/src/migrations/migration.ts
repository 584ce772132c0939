/** One step of the schema. Once released it never changes; what comes later is a step of its own. */
export interface Migration {
  /** Grows from step to step. */
  readonly version: number
  readonly name: string
  /** Single statements, run in order in one transaction; `named` qualifies and quotes a name. */
  readonly statements: (named: (name: string) => string) => readonly string[]
}
