#!/usr/bin/env bash
# Installs what is missing, builds Weighbridge and opens its window. Without a display it prints an estimate instead.
#   packaging/run.sh                    the window
#   packaging/run.sh config.json        the window with a model opened
#   packaging/run.sh list models        any other arguments of weighbridge work as well
set -euo pipefail
called_from=$PWD
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$repository"

# On standard error, so that a report on standard output stays clean.
{
    install_packages build run
    build_preset release
} >&2
use_utf8
weighbridge=$repository/build/release/app/weighbridge
cd "$called_from"

# Commands for the terminal, and a platform that was chosen by hand, need no look at the display. Where none is named, the
# program says so itself and prints its estimate as a table.
case ${1:-} in estimate | list | -h | --help | -v | --version) exec "$weighbridge" "$@" ;; esac
if [[ -n ${QT_QPA_PLATFORM:-} || -z ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then exec "$weighbridge" "$@"; fi

# Whether a display that is named lets anyone in shows only when Qt tries, and then it aborts. So the program runs as a
# child, its complaints are shown and kept, and signals are handed on to it.
say "Opening the window"
ulimit -c 0
complaints=$(mktemp)
status=0
exec 3>&2 2>/dev/null # while it runs, so that the shell does not report the abort as well
exec 4> >(exec tee "$complaints" >&3)
listener=$!
"$weighbridge" "$@" 2>&4 3>&- 4>&- &
window=$!
exec 4>&-
trap 'kill "$window"' HUP INT TERM
wait "$window" || status=$?
if kill -0 "$window"; then wait "$window" || true; fi # a signal ends the first wait early
wait "$listener" || true
exec 2>&3 3>&-
refused=no
if ((status == 134)) && grep -q 'no Qt platform plugin could be initialized' "$complaints"; then refused=yes; fi
rm -f "$complaints"
if [[ $refused == yes ]]; then
    say "The display '${WAYLAND_DISPLAY:-$DISPLAY}' cannot be opened; without it:" >&2
    exec env -u DISPLAY -u WAYLAND_DISPLAY "$weighbridge" "$@"
fi
exit "$status"
