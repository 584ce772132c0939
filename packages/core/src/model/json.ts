/** A value that JSON can carry. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject

/** An object that JSON can carry. */
export interface JsonObject {
  [key: string]: JsonValue
}
