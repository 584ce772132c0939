/** The scope that is post-synced. */
export const staff = { connectorId: 'hr', resourceType: 'user' } as const

/** Fewer people than the scene has, so that every step has several slices. */
export const sliceSize = 16

export const address = (name: string): string => `${name}@acme.example`

/** The break-glass account. */
export const isExempt = ({ email }: { readonly email?: string | undefined }): boolean =>
  email === address('glass')
