#!/usr/bin/env bash
# Sets up a checkout: system packages, .venv with the locked dependencies, models, Twinlens itself.
#
#   packaging/setup.sh run     what the program needs
#   packaging/setup.sh test    the same, and what tests and checks need
#
# PYTHON names the interpreter to use. Safe to repeat; quick when nothing has changed.
set -euo pipefail
cd "$(dirname "$0")/.."

stage=${1:-run}
venv=.venv
locks=packaging/locks

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "$*"
    exit 1
}

find_python() {
    local candidate
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    fail "Twinlens needs Python 3.11 or newer. Install it, or name it: make setup PYTHON=python3.12"
}

# --- system packages -----------------------------------------------------------------------------

missing_packages() { # prints the Debian packages that are missing for this stage
    "$python" -c 'import ensurepip, venv' 2>/dev/null || printf 'python3-venv\n'
    if ! can_build_extensions; then printf 'g++\npython3-dev\n'; fi
    local soname package known
    known=$(PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null || true)
    while read -r soname package; do
        case $known in *"$soname"*) ;; *) printf '%s\n' "$package" ;; esac
    done <<'LIBRARIES'
libEGL.so.1 libegl1
libGL.so.1 libgl1
libdbus-1.so.3 libdbus-1-3
libfontconfig.so.1 libfontconfig1
libglib-2.0.so.0 libglib2.0-0
libxcb-cursor.so.0 libxcb-cursor0
libxcb-icccm.so.4 libxcb-icccm4
libxcb-image.so.0 libxcb-image0
libxcb-keysyms.so.1 libxcb-keysyms1
libxcb-randr.so.0 libxcb-randr0
libxcb-render-util.so.0 libxcb-render-util0
libxcb-shape.so.0 libxcb-shape0
libxcb-xkb.so.1 libxcb-xkb1
libxkbcommon-x11.so.0 libxkbcommon-x11-0
libxkbcommon.so.0 libxkbcommon0
LIBRARIES
    [ -d /usr/share/fonts/truetype ] || printf 'fonts-dejavu-core\n'
    if [ "$stage" = test ]; then
        command -v xvfb-run >/dev/null || printf 'xvfb\nxauth\n'
        command -v xdotool >/dev/null || printf 'xdotool\n'
    fi
}

can_build_extensions() {
    command -v g++ >/dev/null || command -v c++ >/dev/null || return 1
    "$python" -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))'
}

can_set_up() { "$python" -c 'import ensurepip, venv' 2>/dev/null && can_build_extensions; }

apt_install() { apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }

install_system_packages() {
    [ "$(uname)" = Linux ] || return 0
    local packages package
    packages=$(missing_packages | xargs)
    [ -n "$packages" ] || return 0
    if ! command -v apt-get >/dev/null; then
        say "System packages are missing. Under Debian they are called: $packages"
    elif [ "$(id -u)" -ne 0 ]; then
        say "System packages are missing. Install them with:"
        say "  sudo apt-get update && sudo apt-get install -y $packages"
    else
        say "Installing system packages: $packages"
        export DEBIAN_FRONTEND=noninteractive
        # The lists of a fresh machine are empty or old; without a network what is there may do.
        apt-get update -qq >/dev/null 2>&1 || say "The package lists could not be renewed."
        # One by one where all at once fails: a single unknown name would keep the others out.
        # shellcheck disable=SC2086
        apt_install $packages || for package in $packages; do
            apt_install "$package" || say "$package could not be installed."
        done
    fi
    can_set_up || fail "Without a C++ compiler and the venv module the set-up cannot go on."
}

# --- Python packages -----------------------------------------------------------------------------

fingerprint() { # changes with everything a stage depends on
    { "$venv/bin/python" -VV && cat "$locks"/*.txt pyproject.toml packaging/setup.sh; } | cksum
}

is_done() { # STAGE
    [ -x "$venv/bin/twinlens" ] && [ -f "$venv/.$1-done" ] &&
        [ "$(cat "$venv/.$1-done")" = "$(fingerprint)" ]
}

install_locked() { # LOCK FILE, then options of pip
    local lock=$1
    shift
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes \
        --no-build-isolation "$@" --requirement "$lock"
}

install_run() {
    say "Installing what Twinlens needs (some hundred megabytes the first time) ..."
    install_locked "$locks/build.txt"
    # hnswlib comes as source only and by default is built for this very processor. A build from
    # pip's cache may be such a one, so that the cache is not asked.
    if ! "$venv/bin/python" -c 'import hnswlib' 2>/dev/null; then
        awk '/^[^ ]/ { keep = /^hnswlib==/ } keep' "$locks/run.txt" >"$venv/hnswlib.txt"
        HNSWLIB_NO_NATIVE=1 install_locked "$venv/hnswlib.txt" --no-cache-dir --no-deps
    fi
    HNSWLIB_NO_NATIVE=1 install_locked "$locks/run.txt"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps \
        --no-build-isolation --editable .
    fingerprint >"$venv/.run-done"
}

install_test() {
    say "Installing what the tests need ..."
    install_locked "$locks/test.txt"
    fingerprint >"$venv/.test-done"
}

if [ -n "${PYTHON:-}" ] && [ -x "$venv/bin/python" ] &&
    [ "$("$PYTHON" -VV 2>&1)" != "$("$venv/bin/python" -VV)" ]; then
    say "$venv was made with another Python than $PYTHON and is made anew."
    rm -rf "$venv"
fi
if [ ! -x "$venv/bin/python" ] || ! is_done run || { [ "$stage" = test ] && ! is_done test; }; then
    python=$(find_python)
    install_system_packages
    if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
        say "Creating $venv with $("$python" -V) ..."
        "$python" -m venv --clear "$venv"
    fi
    is_done run || install_run
    [ "$stage" = run ] || is_done test || install_test
fi
"$venv/bin/python" -m models.export
