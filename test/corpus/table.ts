import type { Findings } from "./examine.ts";

const COLUMNS =
  "operations tools parameters fields faults lossy characters largest milliseconds".split(
    " ",
  );
const PROBLEMS_SHOWN = 5;

/** Prints a line per document as it comes, its problems below it, and the totals at the end. */
export function createTable(): {
  add: (name: string, file: string, findings: Findings) => void;
  /** Prints the totals; whether every operation became a tool without fault or loss. */
  end: () => boolean;
} {
  const totals = new Map<string, number>();
  let documents = 0;
  print("", COLUMNS);
  return {
    add(name, file, findings) {
      documents += 1;
      const { faults, losses, ...counts } = findings;
      const numbers: Record<string, number> = {
        ...counts,
        faults: faults.length,
      };
      for (const column of COLUMNS) {
        const before = totals.get(column) ?? 0;
        const value = numbers[column] ?? 0;
        totals.set(
          column,
          column === "largest" ? Math.max(before, value) : before + value,
        );
      }
      print(
        `${name} ${file}`,
        COLUMNS.map((column) => Math.round(numbers[column] ?? 0)),
      );
      const problems = [...faults, ...losses];
      for (const problem of problems.slice(0, PROBLEMS_SHOWN))
        console.log(`  ${problem.slice(0, 300)}`);
      if (problems.length > PROBLEMS_SHOWN)
        console.log(`  and ${problems.length - PROBLEMS_SHOWN} more`);
    },
    end() {
      print(
        `${documents} documents`,
        COLUMNS.map((column) => Math.round(totals.get(column) ?? 0)),
      );
      return (
        (totals.get("operations") ?? 0) > 0 &&
        totals.get("operations") === totals.get("tools") &&
        totals.get("faults") === 0 &&
        totals.get("lossy") === 0
      );
    },
  };
}

function print(label: string, cells: (string | number)[]): void {
  const line = cells.map((cell, index) =>
    String(cell).padStart((COLUMNS[index] ?? "").length + 2),
  );
  console.log(`${label.slice(0, 64).padEnd(64)}${line.join("")}`);
}
