// Everything that a view is made of, in one file: preact, its hooks, htm bound to it, and signals.
import { h, render, Fragment, Component, createContext, createRef, cloneElement, toChildArray } from 'preact';
import {
  useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useReducer, useContext, useId, useErrorBoundary,
} from 'preact/hooks';
import {
  signal, computed, effect, batch, untracked, useSignal, useComputed, useSignalEffect, Signal,
} from '@preact/signals';
import htm from 'htm';

const html = htm.bind(h);

export {
  h, html, render, Fragment, Component, createContext, createRef, cloneElement, toChildArray,
  useState, useEffect, useLayoutEffect, useRef, useMemo, useCallback, useReducer, useContext, useId, useErrorBoundary,
  signal, computed, effect, batch, untracked, useSignal, useComputed, useSignalEffect, Signal,
};
