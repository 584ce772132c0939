/** Names of RFC 7643, sections 3.1, 4.1, 4.2 and 4.3, as they are written there. */
const names = [
  // common
  'id externalId meta schemas',
  // user
  'userName name displayName nickName profileUrl title userType preferredLanguage locale timezone active password',
  'emails phoneNumbers ims photos addresses groups entitlements roles x509Certificates',
  'formatted familyName givenName middleName honorificPrefix honorificSuffix',
  'streetAddress locality region postalCode country',
  // group
  'members',
  // enterprise user
  'employeeNumber costCenter organization division department manager',
  // parts of attributes with several values
  'value display type primary $ref',
].flatMap((line) => line.split(' '))

const byLowerCase = new Map(names.map((name) => [name.toLowerCase(), name]))

/** A name as the RFC writes it: its case means nothing (RFC 7643, section 2.1). Others stay as they came. */
export const canonicalName = (name: string): string => byLowerCase.get(name.toLowerCase()) ?? name
