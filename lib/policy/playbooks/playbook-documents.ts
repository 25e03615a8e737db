import type { ResourceGraph } from "../graph/graph";
import type { PlaybookSubject } from "../subjects/fact-subjects";
import { playbooks } from "../subjects/fact-subjects";

/** A playbook with its document as it is, so that an unknown in one task hides nothing in another. */
export interface PlaybookDocument extends PlaybookSubject {
  readonly document: unknown;
}

export function playbookDocuments(graph: ResourceGraph): PlaybookDocument[] {
  return playbooks(graph).map((subject, index) => {
    return { ...subject, document: graph.playbooks[index]?.document };
  });
}
