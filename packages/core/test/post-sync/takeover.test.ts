import { describe, expect, test } from 'vitest'
import { localUser, people, person, type Settings, setPeopleStage, staff } from './people-stage.ts'

const victim = localUser('victim', { email: 'ann.lee@acme.example' })

/** Who upstream says this address belongs to, and whom post-sync takes them for. */
async function takenFor(email: string | null, settings: Settings = {}): Promise<string> {
  const stage = await setPeopleStage({ users: [victim], settings })
  await stage.sync(person('newcomer', { email }))
  return (await stage.rows()).join()
}

describe('nobody gets the account of somebody else by an address that looks like theirs', () => {
  test.each(['ann.lee@acme.example', 'ANN.LEE@Acme.Example', ' ann.lee@acme.example\n'])(
    'only case and white space around an address make no difference: %j',
    async (email) => {
      expect(await takenFor(email)).toBe('newcomer matched user-victim')
    },
  )

  test.each([
    ['without the dots that one provider ignores', 'annlee@acme.example'],
    ['with a tag', 'ann.lee+x@acme.example'],
    ['of a subdomain', 'ann.lee@mail.acme.example'],
    ['of a domain that begins the same', 'ann.lee@acme.example.evil.example'],
    ['with a dot at the end', 'ann.lee@acme.example.'],
    ['with a name around it', 'Ann <ann.lee@acme.example>'],
    ['quoted', '"ann.lee"@acme.example'],
    ['percent-encoded', 'ann%2elee@acme.example'],
    ['two in one', 'ann.lee@acme.example,evil@evil.example'],
    ['with a Cyrillic а', '\u0430nn.lee@acme.example'],
    ['in full width', 'ａnn.lee@acme.example'],
    ['with a full-width @', 'ann.lee＠acme.example'],
    ['with a zero-width space', 'ann\u200b.lee@acme.example'],
    ['with a soft hyphen', 'ann\u00ad.lee@acme.example'],
    ['with a combining dot', 'ann.lee\u0323@acme.example'],
    ['with a mark of direction', '\u202eann.lee@acme.example'],
    ['as punycode', 'ann.lee@xn--acme-example'],
    ['that is empty', ''],
    ['that is none', null],
  ])('an address %s is another one', async (_name, email) => {
    expect(await takenFor(email)).toBe('newcomer unmatched')
  })

  test.each([
    ['the Kelvin sign', 'kim', '\u212aim'],
    ['a dotless ı', 'kim', 'k\u0131m'],
    ['a dotted İ', 'kim', 'k\u0130m'],
    ['a long ſ', 'sam', '\u017fam'],
    ['ß for ss', 'strauss', 'strau\u00df'],
  ])('%s is a letter of its own, on either side', async (_name, plain, alike) => {
    const [one, other] = [plain, alike].map((name) => `${name}@acme.example`)
    const stage = await setPeopleStage({ users: [localUser('plain', { email: one })] })
    await stage.sync(person('upstream', { email: other }))
    expect(await stage.rows()).toEqual(['upstream unmatched'])
    const turned = await setPeopleStage({ users: [localUser('alike', { email: other })] })
    await turned.sync(person('upstream', { email: one }))
    expect(await turned.rows()).toEqual(['upstream unmatched'])
  })
})

describe('where it is not clear who somebody is, nobody is linked', () => {
  test('two users with one address, whatever their case: ambiguous, until an operator decides', async () => {
    const stage = await setPeopleStage({
      users: [victim, localUser('other', { email: 'Ann.Lee@ACME.example' })],
      settings: { createUsers: true, userMatchFallbackStrategies: ['external_id'] },
    })
    await stage.sync(person('newcomer', { email: 'ann.lee@acme.example' }))
    expect(await stage.rows()).toEqual(['newcomer ambiguous'])
    expect(stage.statuses(), 'nobody is made either').toHaveLength(2)
  })

  test('the same address at another issuer, or at none, is somebody else', async () => {
    const settings = { userMatchStrategy: 'email_and_issuer' } as const
    const at = (identityIssuer?: string) =>
      person(`from ${identityIssuer ?? 'nowhere'}`, {
        email: 'ann.lee@acme.example',
        attributes: identityIssuer === undefined ? {} : { identityIssuer },
      })
    const stage = await setPeopleStage({
      users: [{ ...victim, upstreamIssuer: 'https://idp.acme.example' }],
      settings,
    })
    await stage.sync(at('https://IDP.acme.example'), at('https://evil.example'), at())
    expect(await stage.rows()).toEqual([
      'from https://IDP.acme.example matched user-victim',
      'from https://evil.example unmatched',
      'from nowhere unmatched',
    ])
  })

  test('an issuer within the address is no issuer', async () => {
    const stage = await setPeopleStage({
      users: [{ ...victim, upstreamIssuer: 'https://idp.acme.example' }],
      settings: { userMatchStrategy: 'email_and_issuer' },
    })
    await stage.sync(person('x', { email: 'ann.lee@acme.example|https://idp.acme.example' }))
    expect(await stage.rows()).toEqual(['x unmatched'])
  })

  test('ids are compared byte for byte: another case, white space or composition is another person', async () => {
    const user = localUser('victim', { sub: 'E\u00e9-1', email: undefined })
    const stage = await setPeopleStage({ users: [user], settings: { userMatchStrategy: 'external_id' } })
    await stage.sync(...people('e\u00e9-1', 'E\u00e9-1 ', 'Ee\u0301-1', 'E\u00e9-01'))
    expect((await stage.rows()).filter((row) => !row.endsWith('unmatched'))).toEqual([])
    await stage.sync(...people('E\u00e9-1'))
    expect(await stage.row('E\u00e9-1')).toMatchObject({ userId: 'user-victim' })
  })
})

describe('an address that is given away again', () => {
  test('does not bring the account of a leaver back to life for whoever has it now', async () => {
    const stage = await setPeopleStage({
      users: [victim],
      settings: { deactivateUsers: true, createUsers: true },
    })
    await stage.sync(person('leaver', { email: 'ann.lee@acme.example' }))
    await stage.sync()
    await stage.clock.advance(1_000)
    await stage.sync(person('newcomer', { email: 'ann.lee@acme.example' }))
    expect(stage.statuses()).toEqual(['user-victim deactivated'])
    await stage.syncline.postSync.run(staff)
    expect(stage.statuses()).toEqual(['user-victim deactivated'])
  })

  test('never moves an operator’s link, nor gives a skipped person an account', async () => {
    const stage = await setPeopleStage({ users: [victim, localUser('boss')] })
    await stage.sync(...people('boss', 'skipped'))
    for (const [id, action] of [
      ['boss', 'link'],
      ['skipped', 'skip'],
    ] as const) {
      const row = await stage.row(id)
      await stage.syncline.matches.resolve({ ...row, action, userId: 'user-boss', resolvedBy: 'op' })
    }
    await stage.sync(...['boss', 'skipped'].map((id) => person(id, { email: 'ann.lee@acme.example' })))
    expect(await stage.rows()).toEqual(['boss manual_override user-boss', 'skipped skipped'])
  })
})
