/** A name as it is written and as it stands in an e-mail address. */
type Spelling = readonly [written: string, ascii: string]

/** Names that go together, so that a person's two names come from one script. Invented combinations only. */
export interface NamePool {
  readonly given: readonly Spelling[]
  readonly family: readonly Spelling[]
  /** Family name first, no space in between. */
  readonly eastern?: boolean | undefined
}

const words = (list: string): readonly string[] => list.split(' ')

const same = (list: string): Spelling[] => words(list).map((name) => [name, name.toLowerCase()])

export const commonNames: NamePool = {
  given: [
    same('Ada Amara Bela Carla Dario Edda Femi Greta Hugo Ines Jonas Kaya Lena Milo Nadia Otis Petra Quinn'),
    same('Rosa Silas Tara Uma Viktor Wanda Xenia Yara Zeno Alma Bruno Clio Dina Emil Fay Goran Hanna Ivo'),
  ].flat(),
  family: [
    same('Abel Brandt Castell Dorn Eklund Farrow Gallo Hartwig Iverson Jansen Keller Lindqvist Marlow Novak'),
    same('Okoro Pereira Quist Rossetti Sandoval Tamm Ulrich Vance Wexler Yilmaz Zeman Ashdown Bellamy'),
  ].flat(),
}

/** What breaks naive text handling. Written with escapes where the bytes matter. */
export const unusualNames: readonly NamePool[] = [
  {
    given: [
      ['\u0644\u064A\u0644\u0649', 'layla'],
      ['\u0633\u0627\u0645\u064A', 'sami'],
    ],
    family: [
      ['\u0627\u0644\u0646\u062C\u0627\u0631', 'alnajjar'],
      ['\u062D\u062F\u0627\u062F', 'haddad'],
    ],
  },
  {
    given: [
      ['\u05E0\u05D5\u05E2\u05D4', 'noa'],
      ['\u05D0\u05D5\u05E8\u05D9', 'uri'],
    ],
    family: [
      ['\u05D1\u05E8\u05E7', 'barak'],
      ['\u05E9\u05E7\u05D3', 'shaked'],
    ],
  },
  {
    // Decomposed: a letter and its combining mark are two code points.
    given: [
      ['Jose\u0301', 'jose'],
      ['Zoe\u0308', 'zoe'],
      ['Ma\u0300ili', 'maili'],
    ],
    family: [
      ['Nun\u0303ez', 'nunez'],
      ['A\u030Angstro\u0308m', 'angstrom'],
      ['Nguye\u0302\u0303n', 'nguyen'],
    ],
  },
  {
    // Precomposed: the same look in other bytes.
    given: [
      ['Jos\u00E9', 'jose'],
      ['Zo\u00EB', 'zoe'],
    ],
    family: [
      ['Nu\u00F1ez', 'nunez'],
      ['\u00C5ngstr\u00F6m', 'angstrom'],
    ],
  },
  {
    // Dotted and dotless I: lower case depends on the language, and one form grows when lowered.
    given: [
      ['\u0130pek', 'ipek'],
      ['I\u015F\u0131l', 'isil'],
    ],
    family: [
      ['\u0130nanl\u0131', 'inanli'],
      ['Y\u0131ld\u0131r\u0131m', 'yildirim'],
    ],
  },
  {
    given: [
      ['\u5C0F\u96E8', 'xiaoyu'],
      ['\u5065\u592A', 'kenta'],
    ],
    family: [
      ['\u6B27\u9633', 'ouyang'],
      ['\u5C71\u672C', 'yamamoto'],
    ],
    eastern: true,
  },
  {
    given: [
      ['\uC11C\uC5F0', 'seoyeon'],
      ['\uBBFC\uC900', 'minjun'],
    ],
    family: [
      ['\uC784', 'lim'],
      ['\uAC15', 'kang'],
    ],
    eastern: true,
  },
  {
    given: [
      ['\u0938\u094D\u0935\u093E\u0924\u093F', 'swati'],
      ['\u0915\u0943\u0937\u094D\u0923\u093E', 'krishna'],
    ],
    family: [
      ['\u092E\u093F\u0936\u094D\u0930', 'mishra'],
      ['\u091C\u094B\u0936\u0940', 'joshi'],
    ],
  },
  {
    // Outside the basic plane: a CJK extension letter, and symbols people put into their names.
    given: [
      ['Robin \u{1F98A}', 'robin'],
      ['Kim \u{1F469}\u{1F3FD}\u200D\u{1F680}', 'kim'],
    ],
    family: [
      ['\u{20BB7}\u91CE', 'yoshino'],
      ["O'Da\u00ADly", 'odaly'],
    ],
  },
]

/** Where people work and who vouches for them. One domain has two issuers, one issuer two domains. */
export const employers = [
  { domain: 'meridian.example', issuer: 'https://login.meridian.example', share: 0.7 },
  { domain: 'meridian.example', issuer: 'https://sso.legacy-meridian.example/saml', share: 0.08 },
  { domain: 'labs.meridian.example', issuer: 'https://login.meridian.example', share: 0.12 },
  { domain: 'brightwater.example', issuer: 'https://id.brightwater.example/realms/staff', share: 0.1 },
] as const

/** Contractors come from here. */
export const contractingFirms = [
  { domain: 'partners.meridian.example', issuer: 'https://login.meridian.example' },
  { domain: 'fernhill-consulting.example', issuer: 'https://auth.fernhill-consulting.example' },
] as const

export const locations = words('Lisbon Rotterdam Gdańsk Zürich Nairobi Osaka Montréal Toronto Austin Remote')

export const divisions = words('Engineering Sales Finance People Operations Legal Support Research')

export const units = words('Platform Field Central North South Planning Quality Data Services Design')

export const titles = words(
  'Analyst Associate Specialist Engineer Consultant Coordinator Architect Advisor Planner Researcher Technician',
)

export const projectWords = words('Aurora Basalt Cobalt Dune Ember Fjord Granite Harbor Indigo Juniper')

export const serviceWords = words('backup build scanner monitor mailer printer sync')
