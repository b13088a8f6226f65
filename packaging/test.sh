#!/usr/bin/env bash
# Installs what is missing, builds with warnings as errors and runs every test. Needs no display.
# Arguments go to ctest, which knows every case by its name: packaging/test.sh -R test_window.Pickers
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
cd "$repository"

# The tests draw off screen, in UTF-8, and leave your settings alone. ctest needs this too: it asks each test program
# for the names of its cases.
export QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8
export XDG_CONFIG_HOME=$repository/build/dev/home/config XDG_DATA_HOME=$repository/build/dev/home/data

install_packages build run test
build_preset dev
say "Running the tests"
exec ctest --preset dev --progress --parallel "$(parallel_jobs)" "$@"
