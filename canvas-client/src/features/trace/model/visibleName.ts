/** Longer ones are cut: a row has room for a hundred letters at most. */
const LONGEST = 300;

/** Control characters and those that turn the direction of what follows. */
const DISGUISES = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A name as it may be shown: on one line, unable to disguise itself, never empty. */
export function visibleName(name: string): string {
  const cut = name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name;
  const plain = cut.replace(DISGUISES, "␣");
  return plain.trim() === "" ? "(no name)" : plain;
}
