import { CircleX } from "lucide-react";

import { plural } from "@/ui";

import styles from "./ProblemList.module.css";
import { keyOf } from "./problems";
import type { Problem } from "./problems";

interface ProblemListProps {
  readonly problems: readonly Problem[];
  readonly onChoose: (problem: Problem) => void;
}

/** All problems, each a way to its line. */
export function ProblemList({ problems, onChoose }: ProblemListProps) {
  return (
    <section aria-label="Problems" className={styles.problems}>
      <h2 role="status" className={styles.title}>
        {plural(problems.length, "problem")}
      </h2>
      <ul className={styles.list}>
        {problems.map((problem) => (
          <li key={keyOf(problem)}>
            <button type="button" className={styles.problem} onClick={() => onChoose(problem)}>
              <CircleX aria-hidden size={14} className={styles.icon} />
              <span className={styles.place}>
                {problem.line}:{problem.column}
              </span>
              <span className={styles.message}>
                {problem.message}
                {problem.path && <code className={styles.path}>{problem.path}</code>}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
