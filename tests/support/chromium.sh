#!/bin/sh
# Chromium without windows where it is installed: the same engine, and half as long until a page is there.
command -v chromium-headless-shell > /dev/null && exec chromium-headless-shell "$@"

# Chromium with windows that prepare no suggestions below an address bar: each would be another page, and nobody types there.
# Of several --disable-features Chromium heeds the last, so that Playwright's own are made one with these.
features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup
for argument; do
  shift
  case $argument in
    --disable-features=*) features=$features,${argument#*=} ;;
    *) set -- "$@" "$argument" ;;
  esac
done
exec chromium "--disable-features=$features" "$@"
