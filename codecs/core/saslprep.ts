/** What SASLprep leaves out [RFC 3454 B.1]. */
const NOTHING = /[\u034f\u180b-\u180d\ufe00-\ufe0f\u00ad\u1806\u200b-\u200d\u2060\ufeff]/gu
/** Spaces other than ASCII's [RFC 3454 C.1.2]; what B.1 has too is left out. */
const SPACES = /[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]/gu
/** Controls, private use, surrogates, tags, what changes how text is shown [RFC 3454 C.2 to C.9]; noncharacters. */
const FORBIDDEN =
  /[\u0340\u0341\p{Cc}\p{Co}\p{Cs}\p{Noncharacter_Code_Point}\u06dd\u070f\u180e\u200e\u200f\u2028-\u202e\u2061-\u2063\u206a-\u206f\u2ff0-\u2ffb\ufff9-\ufffd\u{1d173}-\u{1d17a}\u{e0001}\u{e0020}-\u{e007f}]/u
/** Text that runs from right to left [RFC 3454 D.1]. */
const RIGHT_TO_LEFT =
  /[\u05be\u05c0\u05c3\u05d0-\u05ea\u05f0-\u05f4\u061b\u061f\u0621-\u063a\u0640-\u064a\u066d-\u066f\u0671-\u06d5\u06dd\u06e5\u06e6\u06fa-\u06fe\u0700-\u070d\u0710\u0712-\u072c\u0780-\u07a5\u07b1\u200f\ufb1d\ufb1f-\ufb28\ufb2a-\ufb36\ufb38-\ufb3c\ufb3e\ufb40\ufb41\ufb43\ufb44\ufb46-\ufbb1\ufbd3-\ufd3d\ufd50-\ufd8f\ufd92-\ufdc7\ufdf0-\ufdfc\ufe70-\ufe74\ufe76-\ufefc]/u
/** D.2 is nearly all other letters; combining marks among the former are neither. */
const LETTER = /\p{L}/u

/**
 * A user's name, or a password, as it is compared [RFC 4013]: a query, which may hold what Unicode 3.2 had not assigned.
 * Undefined where it holds what may stand in neither.
 */
export function saslprep(text: string): string | undefined {
  const mapped = text.replace(NOTHING, '').replace(SPACES, ' ').normalize('NFKC')
  if (FORBIDDEN.test(mapped)) return undefined
  if (!RIGHT_TO_LEFT.test(mapped)) return mapped
  const characters = [...mapped]
  const isMixed = characters.some(each => LETTER.test(each) && !RIGHT_TO_LEFT.test(each))
  const [first = '', last = ''] = [characters[0], characters.at(-1)]
  return isMixed || !RIGHT_TO_LEFT.test(first) || !RIGHT_TO_LEFT.test(last) ? undefined : mapped
}
