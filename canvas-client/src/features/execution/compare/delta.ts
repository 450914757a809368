/** A difference with its sign; nothing where there is none. */
export function signed(difference: number | null, format: (amount: number) => string): string {
  if (difference === null || difference === 0) return "";
  const amount = format(Math.abs(difference));
  return amount === "" ? "" : `${difference < 0 ? "−" : "+"}${amount}`;
}
