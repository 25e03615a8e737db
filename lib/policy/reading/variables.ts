/** Characters of a text with its variables in it. One that doubles with each variable has no end. */
const LONGEST = 65_536;

/**
 * A value of `env`, an argument or a command with the variables in it that are known, as Kubernetes puts
 * them in: `$(NAME)`, while `$$` stands for the sign itself. A reference that leads nowhere stays, and so
 * does a text that gets longer than anybody writes.
 * Source: https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export function withVariables(text: string, variables: ReadonlyMap<string, string>): string {
  if (!text.includes("$")) return text;
  let told = "";
  let end = 0;
  for (const { 0: sign, 1: name, index } of text.matchAll(/\$(?:\$|\(([^)]*)\))/g)) {
    const value = name === undefined ? "$" : (variables.get(name) ?? sign);
    told += text.slice(end, index) + value;
    if (told.length > LONGEST) return text;
    end = index + sign.length;
  }
  return told + text.slice(end);
}
