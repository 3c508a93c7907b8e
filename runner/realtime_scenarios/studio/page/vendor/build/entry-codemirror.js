// The editor, loaded when it is first opened: CodeMirror with what a YAML file needs.
export { EditorState } from '@codemirror/state';
export {
  EditorView, keymap, lineNumbers, highlightActiveLine, highlightActiveLineGutter, drawSelection, highlightSpecialChars,
  rectangularSelection,
} from '@codemirror/view';
export { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
export {
  HighlightStyle, StreamLanguage, StringStream, syntaxHighlighting, bracketMatching, foldGutter, foldKeymap, foldService,
  indentUnit,
} from '@codemirror/language';
export { setDiagnostics, lintGutter } from '@codemirror/lint';
export { autocompletion, completionKeymap, closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete';
export { searchKeymap, search, highlightSelectionMatches } from '@codemirror/search';
export { tags } from '@lezer/highlight';
