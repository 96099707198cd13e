#!/usr/bin/env bash
# Makes a virtual environment with the project and the extras asked for, once, and again when they change.
#
#   tools/setup.sh [--into FOLDER] [--pins FILE | --no-pins] [--browser] EXTRAS
#
# EXTRAS is a comma-separated list from pyproject.toml. PYTHON names the interpreter to use.
set -euo pipefail
cd "$(dirname "$0")/.."

into=.venv pins=constraints.txt browser=no extras=
while [ $# -gt 0 ]; do
    case "$1" in
        --into) into=$2; shift ;;
        --pins) pins=$2; shift ;;
        --no-pins) pins= ;;
        --browser) browser=yes ;;
        *) extras=$1 ;;
    esac
    shift
done

say() { printf 'setup: %s\n' "$*" >&2; }
fits() { "$1" -c 'import sys; sys.exit(not sys.version_info >= (3, 11))' >/dev/null 2>&1; }
is_root() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

find_python() {
    local name
    for name in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
        if fits "$name"; then echo "$name"; return; fi
    done
    say "Python 3.11 or newer is needed and none was found. Install it, or name it: PYTHON=/path/to/python make ..."
    exit 1
}

make_venv() {
    local python=$1
    "$python" -m venv "$into" >/dev/null 2>&1 && return
    rm -rf "$into"
    if is_root; then
        say "this Python has no venv module; installing python3-venv"
        apt-get update -qq && apt-get install -y -qq python3-venv >/dev/null || true
        "$python" -m venv "$into" && return
        rm -rf "$into"
    fi
    say "$python cannot make a virtual environment. On Debian or Ubuntu: apt-get install python3-venv"
    exit 1
}

install_packages() {
    local stamp="$into/.ready-${extras//,/-}" key
    key=$(cat pyproject.toml ${pins:+"$pins"} | "$into/bin/python" -c \
        'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())')
    [ "$(cat "$stamp" 2>/dev/null)" = "$key" ] && return
    say "installing the packages of [$extras] into $into; the first time takes a few minutes"
    # A Python brings an old pip, and a new one installs in half the time.
    "$into/bin/python" -m pip install -q --disable-pip-version-check --upgrade pip || true
    "$into/bin/python" -m pip install -q --no-compile --disable-pip-version-check ${pins:+-c "$pins"} -e ".[$extras]"
    # pip compiles on one core alone, and the packages' own tests too. What some package cannot have compiled is met,
    # if ever, when it is imported.
    "$into/bin/python" -m compileall -qq -j 0 -x '/tests?/' "$into"/lib/python*/site-packages cnnviz_widgets || true
    echo "$key" >"$stamp"
}

# Whether there is a Chromium; before Playwright is installed, one that it downloaded earlier is known by its folder.
has_browser() {
    "$into/bin/python" tools/chromium.py >/dev/null 2>&1 ||
        compgen -G "${PLAYWRIGHT_BROWSERS_PATH:-${HOME:-}/.cache/ms-playwright}/chromium-*" >/dev/null
}

# The Debian packages that the browser tests need and this machine lacks; Playwright's own Node needs libatomic.
lacking() {
    has_browser || echo chromium
    "$into/bin/python" -c 'import ctypes; ctypes.CDLL("libatomic.so.1")' 2>/dev/null || echo libatomic1
}

install_debians() {
    say "installing Debian's $*"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >/dev/null
}

install_browser() {
    # shellcheck disable=SC2046  # one word a package
    if [ -n "$beside" ] && ! wait "$beside"; then install_debians $(lacking) || true; fi # a second try
    if ! "$into/bin/python" -m playwright --version >/dev/null 2>&1; then
        say "Playwright's driver does not run:"
        "$into/bin/python" -m playwright --version 2>&1 | head -1 >&2 || true
        say "On Debian or Ubuntu this may help: apt-get install libatomic1"
        exit 1
    fi
    "$into/bin/python" tools/chromium.py >/dev/null && return
    if is_root && [ -z "$beside" ] && install_debians chromium; then
        "$into/bin/python" tools/chromium.py >/dev/null && return
    fi
    say "no Chromium found; installing Playwright's"
    "$into/bin/python" -m playwright install chromium && return
    say "no Chromium could be installed. Install one, or name it: CHROMIUM=/path/to/chromium make test"
    exit 1
}

[ -x "$into/bin/python" ] || make_venv "$(find_python)"
beside=
if [ "$browser" = yes ] && is_root; then
    packages=$(lacking)
    if [ -n "$packages" ]; then
        # shellcheck disable=SC2086  # one word a package
        install_debians $packages & # while pip works on one core
        beside=$!
        trap wait EXIT
    fi
fi
install_packages
if [ "$browser" = yes ]; then install_browser; fi
