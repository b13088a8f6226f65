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

# Prints the estimate that the window would open with; arguments: why there is no window, the window's own arguments.
print_estimate() {
    local reason=$1
    shift
    if (($#)); then
        die "$reason, so there is no window to open '$*' in." "For a table: packaging/run.sh estimate MODEL, or estimate --scenario FILE"
    fi
    say "$reason: here is an estimate as a table. With a display this opens the window."
    exec "$weighbridge" estimate Llama-3.1-8B --gpu h100_sxm_80 --context 8192
}

# Commands for the terminal, and a platform that was chosen by hand, need no look at the display.
case ${1:-} in estimate | list | -h | --help | -v | --version) exec "$weighbridge" "$@" ;; esac
if [[ -n ${QT_QPA_PLATFORM:-} ]]; then exec "$weighbridge" "$@"; fi

if [[ -z ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then print_estimate "There is no display (DISPLAY and WAYLAND_DISPLAY are not set)" "$@"; fi

# Only the program itself finds out whether the display lets it in: Qt then says so and aborts. So it runs as a child,
# its complaints are shown and kept, and signals are handed on to it.
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
if [[ $refused == yes ]]; then print_estimate "The display '${WAYLAND_DISPLAY:-$DISPLAY}' cannot be opened" "$@"; fi
exit "$status"
