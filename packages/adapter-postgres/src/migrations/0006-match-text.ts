import { matchFolding } from '@syncline/core'

const { whiteSpace, lookAlikes, letters, folded } = matchFolding

/**
 * `match_text`, the form in which e-mail addresses and issuers are compared: letter by letter what core's `matchText`
 * does, whatever the locale of the database. What is ASCII, as nearly all is, is folded within the statement itself;
 * there, as many bytes as characters say that it is. A host may build indexes on it.
 */
export const matchTextFunctions = (named: (name: string) => string): readonly string[] => [
  `create function ${named('match_letters')}(given text) returns text language plpgsql immutable strict parallel safe
  as $body$
  declare
    trimmed constant text := btrim(given, ${quoted(whiteSpace)});
  begin
    if trimmed = '' or trimmed <> translate(trimmed, ${quoted(lookAlikes)}, '') then return null; end if;
    return normalize(translate(normalize(trimmed, NFC), ${quoted(letters)}, ${quoted(folded)}), NFC);
  end $body$`,
  `create function ${named('match_text')}(given text) returns text language sql immutable parallel safe
  return case when octet_length(given) = char_length(given)
    then nullif(lower(btrim(given, ${quoted(whiteSpace)}) collate "C"), '')
    else ${named('match_letters')}(given) end`,
]

const quoted = (text: string): string =>
  `U&'${Array.from(text, (letter) => `\\+${(letter.codePointAt(0) ?? 0).toString(16).padStart(6, '0')}`).join('')}'`
