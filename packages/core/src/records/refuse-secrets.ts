import type { SanitiseOutcome } from './sanitise-record.ts'

/**
 * Rejects a record that quotes the credential it was fetched with: nothing but the credential store may hold that
 * (I11). Without its id when that is where the secret stands.
 */
export function refuseSecrets(
  outcome: SanitiseOutcome,
  position: number,
  holdsSecret: (text: string) => boolean,
): SanitiseOutcome {
  if (!textsOf(outcome).some((text) => text && holdsSecret(text))) return outcome
  const { externalId } = outcome.kind === 'sanitised' ? outcome.record : outcome.rejected
  return {
    kind: 'rejected',
    rejected: {
      externalId: externalId !== undefined && holdsSecret(externalId) ? undefined : externalId,
      position,
      reason: 'HOLDS_SECRET',
      detail: 'the record holds a secret of the credential it was fetched with',
    },
  }
}

function textsOf(outcome: SanitiseOutcome): readonly (string | null | undefined)[] {
  if (outcome.kind === 'rejected') return [outcome.rejected.externalId, outcome.rejected.detail]
  const { externalId, displayName, email, attributesJson, parent } = outcome.record
  return [externalId, displayName, email, attributesJson, parent?.externalId]
}
