/** What reading something threw, to be thrown again. */
class Failure {
  constructor(readonly error: unknown) {}
}

/**
 * A reading that several rules share: of each thing it is done once, and its failure is theirs as
 * well. It lives as long as the thing.
 */
export function once<K extends object, V>(read: (thing: K) => V): (thing: K) => V {
  const readings = new WeakMap<K, V | Failure>();
  return (thing) => {
    let reading = readings.get(thing);
    if (reading === undefined) readings.set(thing, (reading = attempt(read, thing)));
    if (reading instanceof Failure) throw reading.error;
    return reading;
  };
}

function attempt<K, V>(read: (thing: K) => V, thing: K): V | Failure {
  try {
    return read(thing);
  } catch (error) {
    return new Failure(error);
  }
}
