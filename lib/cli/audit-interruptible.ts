const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/**
 * Does work during which the event loop has no turn, so that nobody in this process could hear a signal:
 * meanwhile each has its default action and ends the process at once. For work that leaves nothing half
 * done.
 */
export function endedBySignals<T>(work: () => T): T {
  const held = SIGNALS.map((name) => ({ name, listeners: process.rawListeners(name) }));
  for (const { name } of held) process.removeAllListeners(name);
  try {
    return work();
  } finally {
    for (const { name, listeners } of held) {
      for (const listener of listeners) process.on(name, listener as NodeJS.SignalsListener);
    }
  }
}
