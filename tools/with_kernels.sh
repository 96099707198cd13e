#!/usr/bin/env bash
# Runs pytest once for each ipykernel version given: tools/with_kernels.sh 6.31 7.4 -- PYTEST ARGUMENTS
#
# Each version sits in its own small environment that sees everything else in .venv.
set -euo pipefail
cd "$(dirname "$0")/.."

versions=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do versions+=("$1"); shift; done
shift || true

packages=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
failed=()
for version in "${versions[@]}"; do
    into=.kernels/ipykernel-$version
    if [ ! -e "$into/.ready" ]; then
        rm -rf "$into"
        .venv/bin/python -m venv "$into"
        own=$("$into/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
        # addsitedir also reads the .pth files there, which is how an editable install is found.
        echo "import site; site.addsitedir('$packages')" >"$own/zz_shared.pth"
        "$into/bin/python" -m pip install -q --disable-pip-version-check "ipykernel==$version.*"
        touch "$into/.ready"
    fi
    echo "== $("$into/bin/python" -c 'import ipykernel; print("ipykernel", ipykernel.__version__)')"
    # nbconvert looks for its templates beside the interpreter; they are beside the other one.
    JUPYTER_PATH="$PWD/.venv/share/jupyter" "$into/bin/python" -m pytest "$@" || failed+=("$version")
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "failed with ipykernel: ${failed[*]}"
    exit 1
fi
