#!/usr/bin/env bash
# Everything `make run` and `make test` need: system packages, the virtual environment, the package itself.
# usage: ./setup.sh run|test
set -euo pipefail
cd "$(dirname "$0")"
purpose=${1:-run}
packages=()
reasons=()

say() { printf '%s\n' "$*" >&2; }
need() { packages+=("$1"); reasons+=("  $1: $2"); }

if [ "$(uname -s)" = Darwin ]; then
    if [ -z "${SPATIALITE_LIBRARY_PATH:-}" ]; then
        say "On macOS, cityindex needs SpatiaLite and a Python from Homebrew. Run these, then try again:"
        say "  brew install libspatialite python@3.12"
        say '  export SPATIALITE_LIBRARY_PATH="$(brew --prefix libspatialite)/lib/mod_spatialite.dylib" PYTHON="$(brew --prefix)/bin/python3.12"'
        [ "$purpose" = run ] || say "The tests also need PostGIS and Chromium: brew install postgis; brew install --cask chromium"
        exit 1
    fi
fi

find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null; then
            printf '%s' "$candidate"
            return
        fi
    done
}

has_file() { ls $1 >/dev/null 2>&1; } # unquoted: the argument is a pattern

postgis_package() {
    apt-cache search --names-only '^postgresql-[0-9]+-postgis-3$' | cut -d' ' -f1 | sort -t- -k2 -n | tail -n 1
}

debian_packages() {
    python=$(find_python)
    [ -n "$python" ] || need python3 "Python 3.11 to 3.13"
    if [ -z "$python" ] || ! "$python" -c 'import ensurepip' 2>/dev/null; then
        command -v uv >/dev/null || need python3-venv "virtual environments"
    fi
    has_file '/usr/lib/*/mod_spatialite.so' || need libsqlite3-mod-spatialite "the default database, SpatiaLite"
    [ "$purpose" = test ] || return 0
    if ! has_file '/usr/share/postgresql/*/extension/postgis.control'; then
        has_file '/var/lib/apt/lists/*_Packages*' || as_root apt-get update -qq
        local postgis
        postgis=$(postgis_package)
        need "$(printf '%s' "$postgis" | sed 's/-postgis-3$//')" "the second database of the tests"
        need "$postgis" "the second database of the tests"
    fi
    command -v chromium >/dev/null || command -v chromium-browser >/dev/null || need chromium "the browser of the tests"
    command -v pdftotext >/dev/null || need poppler-utils "reading the PDF files that the tests make"
    has_file '/usr/share/fonts/truetype/noto/NotoSansThai-Regular.ttf' || need fonts-noto-core "Thai text in the browser of the tests"
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then
        sudo "$@"
    else
        return 1
    fi
}

install_packages() {
    [ ${#packages[@]} -gt 0 ] || return 0
    say "These system packages are missing and will be installed:"
    printf '%s\n' "${reasons[@]}" >&2
    if ! as_root env DEBIAN_FRONTEND=noninteractive sh -c \
        'apt-get -o DPkg::Lock::Timeout=300 update -qq && apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@" >/dev/null' \
        sh "${packages[@]}"; then
        say "They could not be installed from here. Run this as an administrator, then try again:"
        say "  sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages[*]}"
        exit 1
    fi
}

if command -v apt-get >/dev/null; then
    debian_packages
    install_packages
fi

python=$(find_python)
if [ -z "$python" ]; then
    say "cityindex needs Python 3.11, 3.12 or 3.13. Install one, then: make $purpose PYTHON=/path/to/python3"
    exit 1
fi

requirements=requirements.txt
[ "$purpose" = run ] || requirements=requirements-test.txt
stamp=.venv/.cityindex-$purpose
wanted=$(cat "$requirements" setup.cfg | cksum)
if [ -x .venv/bin/cityindex ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi

say "Preparing .venv …"
export UV_PYTHON_DOWNLOADS=never
if command -v uv >/dev/null; then
    [ -x .venv/bin/python ] || uv venv -q --python "$(command -v "$python")" .venv
    uv pip install -q --python .venv/bin/python --require-hashes -r "$requirements"
    uv pip install -q --python .venv/bin/python --no-deps --editable .
else
    [ -x .venv/bin/pip ] || "$python" -m venv .venv
    .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r "$requirements"
    .venv/bin/pip install -q --disable-pip-version-check --no-deps --editable .
fi
printf '%s\n' "$wanted" >"$stamp"
