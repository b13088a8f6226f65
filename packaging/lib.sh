# Shared by packaging/run.sh, packaging/test.sh and .ci/run; sourced, not run. Needs bash.
# shellcheck shell=bash

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '== %s\n' "$*"; }
die() {
    printf 'error: %s\n' "$1" >&2
    shift
    if (($#)); then printf '       %s\n' "$@" >&2; fi
    exit 1
}

# The packages for the purposes given, in the order of packages.txt.
packages_for() {
    local purpose line
    for purpose in "$@"; do
        while IFS= read -r line; do
            line=${line%%#*}
            # One word each, so no quotes.
            # shellcheck disable=SC2086
            if [[ $line == "$purpose:"* ]]; then printf '%s\n' ${line#*:}; fi
        done <"$repository/packaging/packages.txt"
    done
}

is_installed() { [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]]; }

# Those of the packages given that apt could install.
available() {
    LC_ALL=C apt-cache policy "$@" | awk '/^[^ ]/ { name = $1; sub(/:$/, "", name) } $1 == "Candidate:" && $2 != "(none)" { print name }'
}

# Runs apt-get without questions, as root or through sudo; keeps configuration files
# that were edited; prints only warnings and errors.
apt_get() {
    local sudo=()
    [[ $(id -u) == 0 ]] || sudo=(sudo)
    "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@" >/dev/null
}

# Installs what is missing of the packages for the purposes given. Touches nothing when nothing is missing.
install_packages() {
    local package wanted=() missing=() unknown=()
    mapfile -t wanted < <(packages_for "$@")
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        die "this is not Debian or a relative of it: there is no apt-get." \
            "Install these, or what your distribution calls them, by hand:" \
            "  ${wanted[*]}" \
            "(Qt 6.4, CMake 3.25, nlohmann/json 3.11 and GCC 12, or newer). Then build and start:" \
            "  cmake --preset release && cmake --build --preset release && build/release/app/weighbridge"
    fi
    for package in "${wanted[@]}"; do
        is_installed "$package" || missing+=("$package")
    done
    if ((${#missing[@]} == 0)); then
        say "Every package needed is installed."
        return
    fi
    local by_hand="apt-get install --no-install-recommends ${missing[*]}"
    if [[ $(id -u) != 0 ]] && ! command -v sudo >/dev/null; then
        die "packages are missing, and you are neither root nor is there sudo. As root, run:" "  $by_hand"
    fi
    say "Installing with apt, which can take some minutes: ${missing[*]}"
    apt_get -o APT::Update::Error-Mode=any update ||
        printf 'warning: apt could not refresh its package lists; is this machine offline? Trying with the old ones.\n' >&2
    local installable
    installable=" $(available "${missing[@]}" | tr '\n' ' ')"
    for package in "${missing[@]}"; do
        [[ $installable == *" $package "* ]] || unknown+=("$package")
    done
    if ((${#unknown[@]})); then
        die "apt knows no package ${unknown[*]}." \
            "Either its lists are empty (is this machine offline?) or this system is older than Debian 12." \
            "Once apt can reach an archive that has them, run as root:" "  $by_hand"
    fi
    local log
    log=$(mktemp)
    if ! apt_get install --no-install-recommends "${missing[@]}" 2>"$log"; then
        head -n 3 "$log" >&2
        printf '...\n' >&2
        tail -n 3 "$log" >&2
        rm -f "$log"
        die "apt could not install the packages; its first and last messages stand above. Is this machine offline?" \
            "To try by hand, run as root:" "  $by_hand"
    fi
    rm -f "$log"
}

# How many compilers to run at once: one for each processor, and 1.5 GiB of free memory for each.
parallel_jobs() {
    local processors memory_kib limit
    processors=$(nproc)
    memory_kib=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
    if limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null) && [[ $limit =~ ^[0-9]+$ ]] && ((limit / 1024 < memory_kib)); then
        memory_kib=$((limit / 1024))
    fi
    local fit=$((${memory_kib:-0} / (1536 * 1024)))
    if ((fit < 1)); then fit=1; fi
    echo $((fit < processors ? fit : processors))
}

# Configures and builds a preset of CMakePresets.json; further arguments go to the configuration.
build_preset() {
    local preset=$1
    shift
    say "Building in build/$preset"
    cmake --preset "$preset" --log-level=NOTICE "$@" || die "CMake could not configure the preset '$preset'; its message stands above." \
        "If build/$preset comes from another place or an older version, delete that folder and run this again."
    NINJA_STATUS='[%f of %t, %p] ' cmake --build --preset "$preset" --parallel "$(parallel_jobs)" ||
        die "the build of the preset '$preset' failed; the compiler's message stands above."
}

# Text in tables is UTF-8; a minimal system has no locale set.
use_utf8() {
    [[ $(locale charmap 2>/dev/null) == UTF-8 ]] || export LC_ALL=C.UTF-8
}
