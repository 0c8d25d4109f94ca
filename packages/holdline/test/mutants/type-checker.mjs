// A mutant that does not compile is found out by anything; this tells such a one from a wrong version of the code.
import { join } from 'node:path';
import ts from 'typescript';

export class TypeChecker {
  #directory;
  #mutated = new Map();
  #version = 0;
  #service;

  /** @param directory The runtime's folder, with `src` and `tsconfig.json`. */
  constructor(directory) {
    this.#directory = directory;
    const { config } = ts.readConfigFile(join(directory, 'tsconfig.json'), ts.sys.readFile);
    const project = ts.parseJsonConfigFileContent(
      { ...config, exclude: ['src/**/*.test.ts'], references: [] },
      ts.sys,
      directory,
    );
    const settings = {
      ...project.options,
      composite: false,
      noEmit: true,
      noUnusedLocals: false,
      noUnusedParameters: false,
      tsBuildInfoFile: undefined,
    };
    this.#service = ts.createLanguageService({
      getCompilationSettings: () => settings,
      getScriptFileNames: () => project.fileNames,
      getScriptVersion: (path) => (this.#mutated.has(path) ? `mutant ${this.#version}` : 'original'),
      getScriptSnapshot: (path) => {
        const text = this.#mutated.get(path) ?? ts.sys.readFile(path);
        return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
      },
      getCurrentDirectory: () => directory,
      getDefaultLibFileName: ts.getDefaultLibFilePath,
      fileExists: ts.sys.fileExists,
      readFile: ts.sys.readFile,
      readDirectory: ts.sys.readDirectory,
      directoryExists: ts.sys.directoryExists,
      getDirectories: ts.sys.getDirectories,
    });
  }

  /** The errors of some files that were changed: path within the folder → text. */
  errorsIn(files) {
    this.#version++;
    this.#mutated = new Map([...files].map(([path, text]) => [join(this.#directory, path), text]));
    return [...this.#mutated.keys()].flatMap((path) =>
      [...this.#service.getSyntacticDiagnostics(path), ...this.#service.getSemanticDiagnostics(path)].map(
        ({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '),
      ),
    );
  }
}
