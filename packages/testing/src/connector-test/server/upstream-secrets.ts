import type { CredentialContract, EndpointContext } from '../contract/contract.ts'
import type { ContractRequest, Reply } from '../contract/reply.ts'

/** What a scripted upstream accepts and who may see it. */
export interface UpstreamSecrets extends EndpointContext {
  readonly refusal: Reply
  readonly forbidden: Reply
  /** Every secret that was ever accepted, issued tokens included: none may be found anywhere. */
  everAccepted(): readonly string[]
  /** How many tokens were issued so far. */
  tokensIssued(): number
  accept(request: ContractRequest): boolean
  /** From now on only these are accepted, and no token issued before. */
  replace(secrets: Readonly<Record<string, string>>): void
  /** Ends every token issued so far. */
  revokeTokens(): void
}

export function createUpstreamSecrets(
  contract: CredentialContract | undefined,
  upstreamName: string,
): UpstreamSecrets {
  let secrets = contract?.secrets ?? {}
  let issued = 0
  const issuedTokens = new Set<string>()
  const ever = new Set(Object.values(secrets))
  return {
    get secrets() {
      return secrets
    },
    refusal: contract?.refusal ?? { status: 401, json: { error: 'unauthorized' } },
    forbidden: contract?.forbidden ?? { status: 403, json: { error: 'forbidden' } },
    everAccepted: () => [...ever],
    tokensIssued: () => issued,
    accept: (request) => contract?.accepts(request, { secrets, issuedTokens }) ?? true,
    issueToken() {
      issued += 1
      const token = `issued-${upstreamName}-${issued}.Zk4TqW8yRn2LcVb6`
      issuedTokens.add(token)
      ever.add(token)
      return token
    },
    replace(replacement) {
      secrets = replacement
      issuedTokens.clear()
      for (const secret of Object.values(replacement)) ever.add(secret)
    },
    revokeTokens: () => issuedTokens.clear(),
  }
}
