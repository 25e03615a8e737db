import type { PlaybookSubject } from "./fact-subjects";
import { playbooks } from "./fact-subjects";
import type { ResourceGraph } from "./graph";

/** A playbook with its document as it is, so that an unknown in one task hides nothing in another. */
export interface PlaybookDocument extends PlaybookSubject {
  readonly document: unknown;
}

export function playbookDocuments(graph: ResourceGraph): PlaybookDocument[] {
  return playbooks(graph).map((subject, index) => {
    return { ...subject, document: graph.playbooks[index]?.document };
  });
}
