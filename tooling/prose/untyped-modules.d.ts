// Both packages come without types.
declare module "textlint-rule-terminology" {
  const rule: import("@textlint/kernel").TextlintRuleModule;
  // biome-ignore lint/style/noDefaultExport: the module has one.
  export default rule;
}

declare module "textlint-filter-rule-comments" {
  const rule: import("@textlint/kernel").TextlintFilterRuleReporter;
  // biome-ignore lint/style/noDefaultExport: the module has one.
  export default rule;
}
