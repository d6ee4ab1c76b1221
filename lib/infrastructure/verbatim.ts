/**
 * Text as Terraform reads it back: in its JSON every string is a template, so `${` and `%{` of a shell script or a
 * cloud-init file would be expressions.
 *
 * The replacement is a function because `$$` in a replacement string means one `$`.
 *
 * @see https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
 */
export function verbatim(text: string): string {
  return text.replace(/[$%]\{/g, (opening) => opening[0] + opening);
}
