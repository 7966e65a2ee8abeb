/** A flag that may be given several times, with a value each. */
export const many = { multiple: true, multipleNonGreedy: true } as const
