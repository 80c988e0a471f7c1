#!/bin/sh
# Sets up or updates a virtual environment with exactly the pinned packages of a file, and this collection:
#     venv.sh DIRECTORY REQUIREMENTS PYTHON [UV]
# If there is a file with the same name and -files.txt, such as dev-files.txt, its packages are installed without their
# dependencies: only their files are used.
# Does nothing if the files, the interpreter and the path are unchanged. UV installs the packages. Without UV, a uv in the
# environment does, in the version that the file pins.
set -eu

directory=$1 requirements=$2 python=$3 uv=${4:-}
files=${requirements%.txt}-files.txt
checkout=$(cd "$(dirname "$0")/../.." && pwd)

setup_inputs() {
    echo "$checkout $directory"
    "$python" -c 'import sys; print(sys.executable, sys.version)'
    cat "$requirements" "$0"
    if [ -f "$files" ]; then cat "$files"; fi
}

if [ "$(setup_inputs)" = "$(cat "$directory/set-up-from" 2>/dev/null)" ]; then
    exit 0
fi

echo "Setting up $directory: $("$python" --version) ($python), $requirements" >&2
if [ -n "$uv" ]; then
    "$python" -m venv --clear --without-pip "$directory"
else
    "$python" -m venv --clear "$directory"
    "$directory/bin/python" -m pip install --quiet --disable-pip-version-check "$(grep -o '^uv==[^ ]*' "$requirements")"
    uv=$directory/bin/uv
fi
"$checkout/tests/tools/uv.sh" "$uv" pip install --quiet --compile-bytecode --python "$directory/bin/python" --requirement "$requirements"
if [ -f "$files" ]; then
    "$checkout/tests/tools/uv.sh" "$uv" pip install --quiet --no-deps --python "$directory/bin/python" --requirement "$files" \
        || echo "Not installed: the packages of $files. Tests that need them are skipped." >&2
fi

# With this link and this path, Ansible, pytest and the checkers import the collection from the checkout.
mkdir -p "$directory/collections/ansible_collections/openshift_v2"
ln -s "$checkout" "$directory/collections/ansible_collections/openshift_v2/apps"
packages=$("$directory/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$checkout/$directory/collections" > "$packages/openshift_v2.apps.pth"

setup_inputs > "$directory/set-up-from"
