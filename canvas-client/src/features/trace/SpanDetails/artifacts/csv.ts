export interface CsvColumn {
  readonly label: string;
  /** Pixels that its values take, within limits. */
  readonly width: number;
  readonly numeric: boolean;
}

export interface CsvTable {
  readonly columns: readonly CsvColumn[];
  readonly rows: readonly (readonly string[])[];
}

const SAMPLE = 100;
const CHARACTER = 7;
const NARROWEST = 64;
const WIDEST = 320;

/** The first line names the columns. Null when there is no table in it: a single line or nothing. */
export function readCsv(text: string, parse: (text: string) => readonly (readonly string[])[]): CsvTable | null {
  const [head, ...rows] = parse(text);
  if (head === undefined || rows.length === 0) return null;
  const sample = rows.slice(0, SAMPLE);
  const count = sample.reduce((most, row) => Math.max(most, row.length), head.length);
  const columns = Array.from({ length: count }, (_, place) => {
    const label = head[place] ?? "";
    const values = sample.map((row) => row[place] ?? "");
    const longest = values.reduce((most, value) => Math.max(most, value.length), label.length);
    return {
      label,
      width: Math.min(WIDEST, Math.max(NARROWEST, longest * CHARACTER + 24)),
      numeric: values.some((value) => value !== "") && values.every((value) => value === "" || isNumber(value)),
    };
  });
  return { columns, rows };
}

const isNumber = (value: string) => /^\s*[-+−]?[$€£]?\s?[\d.,]*\d[\d.,]*(?:e[-+]?\d+)?\s?%?\s*$/i.test(value);
