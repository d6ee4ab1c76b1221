/**
 * Escapes `${` and `%{`, e.g. of a shell script in cloud-init: every string in Terraform JSON is a template, so they would be expressions.
 *
 * The replacement is a function because `$$` in a replacement string means one `$`.
 *
 * @see https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
 */
export function verbatim(text: string): string {
  return text.replace(/[$%]\{/g, (opening) => opening[0] + opening);
}
