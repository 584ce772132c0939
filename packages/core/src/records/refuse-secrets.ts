import type { RejectedRecord } from '../model/quarantine.ts'
import type { SanitisedRecord } from './sanitise-record.ts'

type Outcome = SanitisedRecord | RejectedRecord

/**
 * Rejects a record that quotes the credential it was fetched with: nothing but the credential store may hold that
 * (I11). Without its id when that is where the secret stands.
 */
export function refuseSecrets(
  outcome: Outcome,
  position: number,
  holdsSecret: (text: string) => boolean,
): Outcome {
  if (!textsOf(outcome).some((text) => text && holdsSecret(text))) return outcome
  const { externalId } = outcome
  return {
    externalId: externalId !== undefined && holdsSecret(externalId) ? undefined : externalId,
    position,
    reason: 'HOLDS_SECRET',
    detail: 'the record holds a secret of the credential it was fetched with',
  }
}

function textsOf(outcome: Outcome): readonly (string | null | undefined)[] {
  if ('reason' in outcome) return [outcome.externalId, outcome.detail]
  const { externalId, displayName, email, attributesJson, parent } = outcome
  return [externalId, displayName, email, attributesJson, parent?.externalId]
}
