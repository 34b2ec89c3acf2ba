import typescript from 'typescript';

const { SyntaxKind } = typescript;

/**
 * The exported declarations of one source that no doc comment describes.
 * @param {string} path used in the findings
 * @param {string} text
 * @returns {string[]} one line each
 */
export function findMissingDocComments(path, text) {
  const source = typescript.createSourceFile(path, text, typescript.ScriptTarget.Latest, true);
  const documented = new Set(source.statements.filter(hasDocComment).flatMap(namesOf).map(schemaBase));
  return source.statements.filter(isExported).flatMap((statement) =>
    namesOf(statement)
      // `Thing` inferred from a documented `thingSchema` is documented there.
      .filter((name) => !hasDocComment(statement) && !documented.has(schemaBase(name)))
      .map((name) => {
        const { line } = source.getLineAndCharacterOfPosition(statement.getStart());
        return `${path}:${line + 1}: expected a doc comment on the exported \`${name}\`, found none.`;
      }),
  );
}

function isExported(statement) {
  return statement.modifiers?.some(({ kind }) => kind === SyntaxKind.ExportKeyword) ?? false;
}

function hasDocComment(statement) {
  return typescript.getJSDocCommentsAndTags(statement).some(({ kind }) => kind === SyntaxKind.JSDoc);
}

function namesOf(statement) {
  if (typescript.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  }
  return statement.name ? [statement.name.getText()] : [];
}

function schemaBase(name) {
  return name.replace(/Schema$/, '').toLowerCase();
}
