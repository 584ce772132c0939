import type { SynclineClient, TaggedSyncConfig, TriggerAnswer } from '@syncline/client'
import type { RouteName, routes } from '@syncline/http'
import { expectTypeOf, test } from 'vitest'
import type { z } from 'zod'

type Route<Name extends RouteName> = (typeof routes)[Name]
/** A part that a route may have. */
type Part<Schema> = [Extract<Schema, z.ZodType>] extends [never] ? z.ZodUnknown : Extract<Schema, z.ZodType>
type Written<Schema> = z.input<Part<Schema>>
type Read<Schema> = z.output<Part<Schema>>

/** What the schemas of a route take: the path as it is, the query once it is read, the body as it is sent. */
type TakenBy<Name extends RouteName> = Written<Route<Name>['params']> &
  Read<Route<Name>['query']> &
  Filled<Written<Route<Name>['body']>>
/** A body that can only be empty is never sent. */
type Filled<Body> = string extends keyof Body ? unknown : Body
type AnswerOf<Name extends RouteName, Status extends number> =
  Route<Name> extends {
    readonly replies: { readonly [Of in Status]: { readonly body: infer Body } }
  }
    ? Read<Body>
    : undefined

/** The same, one member after the other, whether it may be written or not. */
type Plain<Type> = Type extends readonly (infer Item)[]
  ? Plain<Item>[]
  : Type extends object
    ? { -readonly [Member in keyof Type]: Plain<Type[Member]> }
    : Type

type Input<Name extends RouteName> = Plain<Parameters<SynclineClient[Name]>[0]>
type Output<Name extends RouteName> = Plain<Awaited<ReturnType<SynclineClient[Name]>>>
/** Signed as it is sent, streamed, or in an envelope that holds what a header says. */
type Other =
  | 'receiveWebhook'
  | 'streamRunEvents'
  | 'triggerSync'
  | 'getSyncConfig'
  | 'putSyncConfig'
  | 'deleteSyncConfig'
type Usual = Exclude<RouteName, Other>

test('every route has a method that takes what the route takes', () => {
  expectTypeOf<{ [Name in Exclude<RouteName, 'receiveWebhook'>]: Input<Name> }>().toEqualTypeOf<{
    [Name in Exclude<RouteName, 'receiveWebhook'>]: Plain<TakenBy<Name>>
  }>()
  expectTypeOf<Exclude<RouteName, keyof SynclineClient>>().toEqualTypeOf<never>()
})

test('every method answers what its route answers', () => {
  expectTypeOf<{ [Name in Usual]: Output<Name> }>().toEqualTypeOf<{
    [Name in Usual]: Plain<AnswerOf<Name, 200>>
  }>()
  expectTypeOf<Plain<TaggedSyncConfig['config']>>().toEqualTypeOf<Plain<AnswerOf<'getSyncConfig', 200>>>()
  expectTypeOf<Output<'putSyncConfig'>['config']>().toEqualTypeOf<Plain<AnswerOf<'putSyncConfig', 201>>>()
  type Completed = Extract<TriggerAnswer, { completed: true }>
  type Accepted = Extract<TriggerAnswer, { completed: false }>
  expectTypeOf<Plain<Omit<Completed, 'completed'>>>().toEqualTypeOf<Plain<AnswerOf<'triggerSync', 200>>>()
  expectTypeOf<Plain<Omit<Accepted, 'completed'>>>().toEqualTypeOf<Plain<AnswerOf<'triggerSync', 202>>>()
  expectTypeOf<Plain<AnswerOf<'approveRun', 202>>>().toEqualTypeOf<Output<'approveRun'>>()
})
