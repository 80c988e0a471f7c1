#!/bin/sh
# Makes or renews a virtual environment with exactly the pinned packages of a file, and this collection in it:
#     venv.sh DIRECTORY REQUIREMENTS PYTHON [UV]
# Nothing is done when it was made before from the same file, interpreter and place. UV does the installing; without
# it, a uv of the environment's own, whose version the file pins.
set -eu

directory=$1 requirements=$2 python=$3 uv=${4:-}
checkout=$(cd "$(dirname "$0")/../.." && pwd)

made_from() {
    echo "$checkout $directory"
    "$python" -c 'import sys; print(sys.executable, sys.version)'
    cat "$requirements" "$0"
}

if [ "$(made_from)" = "$(cat "$directory/made-from" 2>/dev/null)" ]; then
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
"$uv" pip install --quiet --compile-bytecode --python "$directory/bin/python" --requirement "$requirements"

# The checkout is the collection: this link and this path let Ansible, pytest and the checkers import it as it is.
mkdir -p "$directory/collections/ansible_collections/openshift_v2"
ln -s "$checkout" "$directory/collections/ansible_collections/openshift_v2/apps"
packages=$("$directory/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
echo "$checkout/$directory/collections" > "$packages/openshift_v2.apps.pth"

made_from > "$directory/made-from"
