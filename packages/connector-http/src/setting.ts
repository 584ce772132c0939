/** A fact of a vendor, or how the connector's config decides it. */
export type Setting<Config, Value> = Value | ((config: Config) => Value)

/** Only for values that are no functions themselves. */
export function settle<Config, Value extends object | string | number>(
  setting: Setting<Config, Value>,
  config: Config,
): Value {
  return typeof setting === 'function' ? setting(config) : setting
}
