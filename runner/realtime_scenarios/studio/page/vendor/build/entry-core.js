// Everything that a view is made of, in one file: preact, its hooks, htm bound to it, and signals.
import { h, render, Component } from 'preact';
import { useState, useEffect, useLayoutEffect, useRef, useMemo, useErrorBoundary } from 'preact/hooks';
import { signal, computed, effect, batch, untracked } from '@preact/signals';
import htm from 'htm';

const html = htm.bind(h);

export {
  html, render, Component, useState, useEffect, useLayoutEffect, useRef, useMemo, useErrorBoundary,
  signal, computed, effect, batch, untracked,
};
