// The editor, loaded when it is first opened: CodeMirror with what a YAML file needs.
export { EditorState, Compartment, StateEffect, StateField, Annotation, Transaction } from '@codemirror/state';
export {
  EditorView, keymap, lineNumbers, highlightActiveLine, highlightActiveLineGutter, drawSelection, dropCursor, Decoration,
  highlightSpecialChars, rectangularSelection,
} from '@codemirror/view';
export { defaultKeymap, history, historyKeymap, undo, redo } from '@codemirror/commands';
export {
  HighlightStyle, StreamLanguage, StringStream, syntaxHighlighting, bracketMatching, foldGutter, foldKeymap, foldService,
  indentUnit,
} from '@codemirror/language';
export { setDiagnostics, lintGutter, lintKeymap, nextDiagnostic, previousDiagnostic, forEachDiagnostic } from '@codemirror/lint';
export {
  autocompletion, completionKeymap, closeBrackets, closeBracketsKeymap, startCompletion, snippet,
} from '@codemirror/autocomplete';
export { searchKeymap, search, openSearchPanel, highlightSelectionMatches } from '@codemirror/search';
export { tags } from '@lezer/highlight';
