import { z } from 'zod'

/** A user of the invented company, as it is put into the directory. */
export const companyUserSchema = z.object({
  id: z.string(),
  name: z.string(),
  mail: z.string().nullable(),
  employeeId: z.string().nullable(),
  employeeType: z.enum(['employee', 'contractor', 'admin', 'service']),
  title: z.string().nullable(),
  department: z.string(),
  departmentId: z.string(),
  costCenter: z.string(),
  location: z.string(),
  /** Id of another user; null at the top. */
  manager: z.string().nullable(),
  startDate: z.iso.date(),
  identityIssuer: z.string(),
  groups: z.array(z.string()),
})

/** A group of the invented company. */
export const companyGroupSchema = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  groupType: z.enum(['department', 'location', 'project']),
  parent: z.string().nullable(),
  costCenter: z.string().nullable(),
  members: z.array(z.string()),
})

export type CompanyUser = z.output<typeof companyUserSchema>
export type CompanyGroup = z.output<typeof companyGroupSchema>
