#!/bin/sh
# Updates the pinned requirement files to the newest versions that fit: dev.txt for developing, dev-files.txt (see
# venv.sh), awx.txt for the tests with AWX, importer.txt for make importer, and one core-X.Y.txt for each ansible-core of
# cores.txt. Markers separate the pins of different Pythons.
#     pins.sh UV
set -eu

uv=$1
cd "$(dirname "$0")/../requirements"

pin() { # PYTHON FILE SOURCE…
    python=$1 file=$2
    shift 2
    ../tools/uv.sh "$uv" pip compile --quiet --universal --python-version "$python" --no-emit-index-url --no-emit-find-links \
        --custom-compile-command 'make pins' --no-annotate --upgrade --output-file "$file" "$@"
}

pin 3.11 dev.txt dev.in
pin 3.11 awx.txt awx.in
pin 3.11 importer.txt importer.in
pin 3.11 dev-files.txt dev-files.in --no-deps
# For the documentation site.
pin 3.11 docs.txt docs.in
grep -v '^#' cores.txt | while read -r version oldest_python _; do
    echo "ansible-core==$version" | pin "3.$oldest_python" "core-${version%.*}.txt" test.in -
done
